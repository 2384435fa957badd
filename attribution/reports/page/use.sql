-- Purpose: How much was asked of the agents in some days and in the days before.
-- Grain: one row
SELECT
    toUInt64(greatest(sumIf(entries, day >= {first:Date}), 0)) AS invocations,
    toUInt64(greatest(sumIf(entries, day < {first:Date}), 0)) AS invocations_before
FROM agent_days
WHERE day BETWEEN {before:Date} AND {last:Date}
