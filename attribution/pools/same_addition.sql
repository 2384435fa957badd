-- Purpose: When the same amount was added to a pool in a month with the same note; the latest time.
-- Grain: one row; no row where it was not
SELECT added_at
FROM pool_additions
WHERE period = {period:String} AND pool = {pool:String} AND amount = toDecimal128({amount:String}, 12) AND note = {note:String}
ORDER BY added_at DESC
LIMIT 1
