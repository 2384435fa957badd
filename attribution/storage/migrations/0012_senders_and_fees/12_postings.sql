-- Purpose: Puts the postings with their senders in the place of those without.
-- Grain: the whole table
EXCHANGE TABLES postings AND postings_anew
