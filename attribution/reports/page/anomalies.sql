-- Purpose: Anomalies of some days: the latest first, of a day those that are furthest from what was expected.
-- Grain: a day, kind, subject and workflow
-- Columns: team: NULL: several teams, or it is a new agent
SELECT
    day, since, kind, scope, subject, workflow, if(length(teams) = 1, teams[1], NULL) AS team, if(scope = 'agent', subject, '') AS agent,
    if(scope = 'task', subject, '') AS task, unit, value, expected, value - expected AS more,
    by_volume, by_fan_out, by_tokens, by_mix, by_price
FROM anomalies
WHERE day BETWEEN {first:Date} AND {last:Date} AND scope IN {scopes:Array(String)}{among}
ORDER BY day DESC, unit, more DESC, kind, subject, workflow
LIMIT {rows_max:UInt32}
