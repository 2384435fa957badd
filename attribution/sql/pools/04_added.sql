-- Purpose: posts what was added to pools, each addition once (R11).
-- Grain:   posting: an addition, on the first day of its month.
INSERT INTO postings
(
    posted_at, effective_at, effective_period, period, day, kind, pool, bucket, amount, reason, entry, seq, precedence
)
WITH now64(9) AS posted
SELECT
    posted,
    toDateTime64(concat(period, '-01'), 9, {timezone:String}),
    period,
    period,
    toDate(concat(period, '-01')),
    'added',
    pool,
    'platform',
    amount,
    if(note = '', 'added to the pool', note),
    cityHash64(id) AS own_entry,
    0,
    bitNot(toUInt64(toUnixTimestamp64Nano(posted)))
FROM pool_additions
WHERE (period, pool) IN (SELECT period, pool FROM {asked:Identifier})
    AND own_entry NOT IN (SELECT entry FROM postings WHERE trace_id = '' AND kind = 'added')
