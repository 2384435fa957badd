-- Purpose: What teams pay in a week and in the week before, and what for.
-- Grain: a team, and a workflow of its own or a pool
SELECT
    team, workflow, pool,
    sumIf(ledger_days.amount, day < {first:Date}) AS before,
    sumIf(ledger_days.amount, day >= {first:Date}) AS amount
FROM ledger_days
WHERE day BETWEEN {before:Date} AND {last:Date} AND (pool = '' OR kind = 'allocation')
GROUP BY team, workflow, pool
HAVING before != 0 OR amount != 0
