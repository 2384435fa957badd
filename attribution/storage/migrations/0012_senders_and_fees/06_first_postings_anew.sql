-- Purpose: Makes a table for the first postings with their senders. What a killed migration left in it is gone.
-- Grain: the whole table
CREATE OR REPLACE TABLE first_postings_anew AS first_postings
