-- Purpose: Who sends: services and instrumentation scopes of some days.
-- Grain: a service, scope and its version
SELECT
    service,
    scope_name,
    scope_version,
    count() AS deliveries,
    countIf(usage != 'none') AS with_usage,
    countIf(cost_source = 'unpriced') AS without_price,
    max(start_time) AS last_seen
FROM span_records
WHERE toDate(start_time, {timezone:String}) BETWEEN {first:Date} AND {last:Date}
GROUP BY service, scope_name, scope_version
ORDER BY deliveries DESC, service, scope_name
LIMIT {rows_max:UInt32}
