-- Purpose: What was added to a pool for what an invoice bills and no span tells of.
-- Grain: one row
SELECT sum(amount) AS amount
FROM pool_additions
WHERE period = {period:String} AND pool = {pool:String} AND note = {note:String}
