-- Purpose: Makes a table for all other postings with their senders. What a killed migration left in it is gone.
-- Grain: the whole table
CREATE OR REPLACE TABLE postings_anew AS postings
