-- Purpose: Stores a fact about the store. It replaces the fact of that name.
-- Grain: a fact
INSERT INTO facts (name, value)
SELECT {fact:String}, {value:String}
