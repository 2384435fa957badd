-- Purpose: the pools of each month, what they cost and what they are split by.
-- Grain:   period and pool.
-- Columns: spans: cost of its spans; added: cost added to it; cost: both; use_period: the month whose use counts; method: how what it
--          serves and is served is solved, '' where it serves no pool and none serves it.
CREATE OR REPLACE VIEW pools AS
SELECT
    splits.period AS period,
    splits.pool AS pool,
    driver,
    use_period,
    method,
    costs.booked - costs.by_hand AS spans,
    costs.by_hand AS added,
    costs.booked AS cost
FROM pool_splits AS splits FINAL
LEFT JOIN
(
    SELECT period, pool, sum(amount) AS booked, sumIf(amount, kind = 'added') AS by_hand
    FROM postings FINAL
    WHERE pool != '' AND kind NOT IN ('allocation', 'relief')
    GROUP BY period, pool
) AS costs ON costs.period = splits.period AND costs.pool = splits.pool
WHERE costs.booked != 0 OR costs.by_hand != 0 OR method != ''
