-- Purpose: Anomalies of some days, the latest first.
-- Grain: a day, kind and subject (day, kind, subject)
SELECT day, kind, subject, unit, value, expected, by_volume, by_each
FROM anomalies
WHERE day >= {first:Date} AND day <= {last:Date}
ORDER BY day DESC, kind, value DESC, subject
