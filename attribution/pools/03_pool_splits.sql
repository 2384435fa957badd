-- Purpose: Stores what each pool is split by.
-- Grain: a period, pool, and month in which late cost arose
INSERT INTO pool_splits (version, period, pool, driver, use_period, method, late_from)
SELECT {version:UInt64}, period, pool, driver, use_period, method, late_from
FROM {pools_to_split:Identifier}
