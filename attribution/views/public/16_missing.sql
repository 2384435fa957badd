-- View: missing
-- Purpose: What totals lack (R15): calls without a price, what totals of agents tell beyond the calls seen, what was sampled away,
--          spans that are not attributed yet, and those that could not be stored.
-- Grain: a day, team and reason (day, team, reason); only those with something missing
-- Joins: costs_by_team on day, team
-- Columns:
--     day Date: day in the configured zone; of what is pending, quarantined or rejected, in UTC
--     team String: team of the initiator; empty: nobody was found, or it is not known yet
--     reason String: unpriced, unobserved, sampled, pending, quarantined or rejected
--     count Int64: unpriced: calls. unobserved: totals that tell more. sampled: calls that were not kept, as estimated. Others:
--         spans, of what is quarantined or rejected by the day of the receipt
--     tokens Int64: input and output, as far as told; of what was sampled, as estimated
--     usd Nullable(Decimal(38, 12)): USD, of what was sampled as estimated; NULL: not known
-- Holds: A total whose days have a row here is at least what it says. What is unobserved is here where it is not billed.
-- Example: SELECT reason, sum(count) AS count, sum(usd) AS usd FROM missing WHERE team = 'sales' GROUP BY reason
SELECT
    day,
    toString(team) AS team,
    toString(reason) AS reason,
    sum(lacking.count) AS count,
    sum(lacking.tokens) AS tokens,
    if(reason = 'unpriced', NULL, sum(lacking.usd)) AS usd
FROM missing_days AS lacking
GROUP BY day, team, reason
HAVING count != 0 OR usd != 0
UNION ALL
SELECT
    toDate(start_time) AS day,
    '' AS team,
    'pending' AS reason,
    toInt64(uniqExact(trace_id, span_id, sender)) AS count,
    toInt64(0) AS tokens,
    NULL AS usd
FROM span_records
WHERE trace_id GLOBAL IN (SELECT trace_id FROM pending)
GROUP BY day
UNION ALL
SELECT
    day,
    '' AS team,
    kind.1 AS reason,
    sum(kind.2) AS count,
    toInt64(0) AS tokens,
    NULL AS usd
FROM sender_days FINAL
ARRAY JOIN [('quarantined', toInt64(quarantined)), ('rejected', toInt64(rejected))] AS kind
GROUP BY day, reason
HAVING count != 0
