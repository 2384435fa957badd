-- Purpose: what is known of the store under a name.
-- Grain:   one row, none where nothing is.
SELECT value
FROM facts FINAL
WHERE name = {fact:String}
