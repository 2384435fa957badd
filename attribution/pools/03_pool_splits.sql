-- Purpose: Stores what each pool is split by.
-- Grain: a period and pool
INSERT INTO pool_splits (version, period, pool, driver, use_period, method)
SELECT {version:UInt64}, period, pool, driver, use_period, method
FROM {pools_to_split:Identifier}
