-- Purpose: What happened to budgets in some days: what people did, or what the service noted.
-- Grain: an event (id); the {rows_max} latest
-- Columns: team: whose budget it is, as far as it is for one team: that of its key, else of its scope; '*' where it is for several.
SELECT
    at,
    kind,
    budget,
    key,
    amount,
    until,
    who,
    reason,
    trace_id,
    span_id,
    JSONExtractString(detail, 'model') AS model,
    JSONExtractString(detail, 'dimensions', 'agent') AS agent,
    if(kind IN ('set', 'configured'), JSONExtractRaw(detail, 'budget'), '') AS now,
    if(place > 0, key[place], owner) AS team,
    transform(budget, {budgets:Array(String)}, {places:Array(UInt8)}, toUInt8(0)) AS place,
    transform(budget, {budgets:Array(String)}, {owners:Array(String)}, '*') AS owner
FROM budget_events
WHERE kind IN {kinds:Array(String)} AND {budget:String} IN ('', budget)
    AND toDate(at, {timezone:String}) BETWEEN {first:Date} AND {last:Date}{among}
ORDER BY at DESC, id
LIMIT 1 BY id
LIMIT {rows_max:UInt32}
