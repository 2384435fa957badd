-- Purpose: Posts the additions to pools, each once (R11).
-- Grain: a posting: an addition, on the first day of its month
INSERT INTO postings
(
    pass, posted_at, effective_at, effective_period, period, day, kind, pool, bucket, amount, reason, addition
)
SELECT
    {version:UInt64},
    now64(9),
    toDateTime64(concat(period, '-01'), 9, {timezone:String}),
    period,
    period,
    toDate(concat(period, '-01')),
    'added',
    pool,
    'platform',
    amount,
    if(note = '', 'added to the pool', note),
    id
FROM pool_additions
WHERE (period, pool) IN (SELECT period, pool FROM {pools_to_split:Identifier} WHERE late_from = '')
    AND id NOT IN
    (
        SELECT addition
        FROM postings
        WHERE trace_id = '' AND kind = 'added' AND pass NOT IN (SELECT pass FROM uncommitted_passes)
    )
