-- Purpose: Puts the first postings with their senders in the place of those without.
-- Grain: the whole table
EXCHANGE TABLES first_postings AND first_postings_anew
