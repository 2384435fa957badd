-- Purpose: Lets go of the postings without senders.
-- Grain: the whole table
DROP TABLE postings_anew
