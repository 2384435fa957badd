-- Purpose: How much was asked of the agents in some days and in the days before, and how many calls have no price.
-- Grain: one row
SELECT
    toUInt64(greatest(sumIf(entries, day >= {first:Date}), 0)) AS invocations,
    toUInt64(greatest(sumIf(entries, day < {first:Date}), 0)) AS invocations_before,
    toUInt64(greatest(sumIf(unpriced, day >= {first:Date}), 0)) AS unpriced_calls
FROM agent_days
WHERE day BETWEEN {before:Date} AND {last:Date}
