-- Purpose: Anomalies of some days, the latest first.
-- Grain: a day, kind and subject (day, kind, subject, workflow)
SELECT
    day, since, kind, scope, subject, workflow, teams, unit, value, expected, by_volume, by_fan_out, by_tokens, by_mix, by_price
FROM anomalies
WHERE day >= {first:Date} AND day <= {last:Date}
ORDER BY day DESC, kind, value DESC, subject, workflow
