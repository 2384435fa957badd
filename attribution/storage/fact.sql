-- Purpose: The value of a fact about the store.
-- Grain: one row; no row where there is no such fact
SELECT value
FROM facts FINAL
WHERE name = {fact:String}
