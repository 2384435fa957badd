-- Purpose: Adds cost to a pool.
-- Grain: an addition
INSERT INTO pool_additions (id, added_at, period, pool, amount, driver, note)
SELECT generateUUIDv4(), now64(9), {period:String}, {pool:String}, toDecimal128({amount:String}, 12), {driver:String}, {note:String}
