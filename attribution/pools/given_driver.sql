-- Purpose: The driver that was given with an earlier addition to a pool in a month.
-- Grain: one row; no row where none was given
SELECT driver
FROM pool_additions
WHERE period = {period:String} AND pool = {pool:String} AND driver != ''
LIMIT 1
