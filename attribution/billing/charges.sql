-- Purpose: What the ledger booked on some days, as charges, and of an allocation the weight that it was split by.
-- Grain: a day, month, month in which the cost arose, kind of posting and its dimensions
-- Holds: The amounts sum to the cost of the days.
SELECT
    day, period, effective_period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket,
    driver, weight, amount
FROM
(
    SELECT
        day, period, effective_period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model,
        bucket, sum(ledger_days.amount) AS amount
    FROM ledger_days
    WHERE day BETWEEN {first:Date} AND {last:Date}
    GROUP BY
        day, period, effective_period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model,
        bucket
    HAVING amount != 0
) AS booked
LEFT JOIN (SELECT period, pool, if(late_from = '', period, late_from) AS effective_period, driver FROM pools) AS splits USING (period, pool, effective_period)
LEFT JOIN (SELECT period, pool, team, if(late_from = '', period, late_from) AS effective_period, weight FROM allocations) AS used
    USING (period, pool, team, effective_period)
ORDER BY ALL
