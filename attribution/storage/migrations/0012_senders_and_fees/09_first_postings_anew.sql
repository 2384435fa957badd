-- Purpose: Lets go of the first postings without senders.
-- Grain: the whole table
DROP TABLE first_postings_anew
