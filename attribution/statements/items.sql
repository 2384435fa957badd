-- Purpose: What the statement of a month says, as the ledger is now.
-- Grain: a team, section, item and detail
-- Columns: section: payer (department, cost center), workflow, agent, model (provider), bucket: what is charged to the team directly, each
--          time all of it; pool: what it pays of pools, with what splits them; change: late cost, corrections and adjustments, by reason, a part of
--          the others; inferred: direct cost of calls of the month whose initiator was not said but found (link, session, owner ...), a part of
--          the others too; senders: direct cost that the team has because of another sender's records, by who sent the call and who names the team
--          (R16), a part of the others; missing: calls without a price, by model, and what else totals lack (R15), which is in no amount: its own is what
--          it would be, as far as known or estimated. count, weight, share, amount: as in `statement_items`.
-- Holds: For each team the payers sum to the total, and so do the pools with the items of any of workflow, agent, model and bucket.
WITH
    booked AS
    (
        SELECT kind, pool, team, department, cost_center, workflow, agent, provider, model, bucket, amount
        FROM ledger_days
        WHERE period = {period:String} AND (pool = '' OR kind = 'allocation')
    ),
    splits AS
    (
        SELECT
            pool,
            late_from,
            concat(if(late_from = '', '', concat('late from ', late_from, ', ')), 'by ', transform(toString(driver), ['even', 'fixed'], ['even parts', 'fixed weights']), if(driver IN ('even', 'fixed'), '', concat(' in ', use_period)),
                if(method = '', '', concat(', pools that serve pools: ', method))) AS why
        FROM pools
        WHERE period = {period:String}
    ),
    -- The traces that can have what is looked for: few, and only these are unfolded.
    changed AS
    (
        SELECT trace_id
        FROM postings
        WHERE period = {period:String} AND kind IN ('late', 'correction', 'repricing', 'adjustment')
        UNION ALL
        SELECT trace_id
        FROM first_postings
        WHERE arrayExists(price -> price != '', repricing)
    ),
    inferred AS
    (
        SELECT trace_id
        FROM attributions
        WHERE arrayExists(source -> source NOT IN ('said', ''), initiator_source)
            AND end_time >= toDateTime64(concat({period:String}, '-01'), 9, 'UTC') - INTERVAL 1 DAY
            AND start_time < addMonths(toDateTime64(concat({period:String}, '-01'), 9, 'UTC'), 1) + INTERVAL 1 DAY
    )
SELECT
    team,
    part.1 AS section,
    part.2 AS item,
    part.3 AS detail,
    toUInt64(0) AS count,
    toDecimal128(0, 12) AS weight,
    toDecimal128(0, 12) AS share,
    sum(booked.amount) AS amount
FROM booked
ARRAY JOIN if(
    pool = '',
    [
        ('payer', toString(department), toString(cost_center)), ('workflow', toString(workflow), ''), ('agent', toString(agent), ''),
        ('model', toString(model), toString(provider)), ('bucket', toString(bucket), '')
    ],
    [('payer', toString(department), toString(cost_center))]) AS part
GROUP BY team, section, item, detail
HAVING amount != 0
UNION ALL
SELECT allocations.team, 'pool', allocations.pool, why, 0, weight, share, allocations.amount
FROM allocations
LEFT JOIN splits ON splits.pool = allocations.pool AND splits.late_from = allocations.late_from
WHERE allocations.period = {period:String} AND allocations.amount != 0
UNION ALL
SELECT team, 'change', kind, reason, count(), 0, 0, sum(amount)
FROM posted
WHERE period = {period:String} AND kind IN ('late', 'correction', 'repricing', 'adjustment') AND trace_id GLOBAL IN (SELECT trace_id FROM changed)
GROUP BY team, kind, reason
UNION ALL
SELECT team, 'inferred', initiator_source, '', count(), 0, 0, sum(amount)
FROM decisions
WHERE trace_id GLOBAL IN (SELECT trace_id FROM inferred) AND billable AND pool = '' AND team != '' AND initiator_source NOT IN ('said', '')
    AND formatDateTime(day, '%Y-%m') = {period:String}
GROUP BY team, initiator_source
UNION ALL
SELECT toString(team), 'senders', toString(sender), toString(named_by), 0, 0, 0, sum(amount)
FROM initiator_sources
WHERE pool = '' AND team != '' AND sender != named_by
    AND day BETWEEN toDate(concat({period:String}, '-01')) AND toLastDayOfMonth(toDate(concat({period:String}, '-01')))
GROUP BY team, sender, named_by
UNION ALL
SELECT team, 'missing', 'no known price', model, count(), 0, 0, 0
FROM attributed_spans
WHERE trace_id GLOBAL IN (SELECT trace_id FROM attributions WHERE unpriced_spans > 0)
    AND billable AND cost IS NULL AND period = {period:String}
GROUP BY team, model
UNION ALL
SELECT team, 'missing', reason, '', toUInt64(sum(lacking.count)), 0, 0, sum(ifNull(usd, 0))
FROM missing AS lacking
WHERE reason != 'unpriced' AND lacking.count > 0
    AND day BETWEEN toDate(concat({period:String}, '-01')) AND toLastDayOfMonth(toDate(concat({period:String}, '-01')))
GROUP BY team, reason
