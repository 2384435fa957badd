-- Purpose: keeps what is to be known of the store.
-- Grain:   name; the value that was kept last stands.
INSERT INTO facts (name, value)
SELECT {fact:String}, {value:String}
