-- Purpose: What teams pay in a month by the ledger, in the parts that charge models can cover.
-- Grain: the dimensions of a charge model, the pool, whether it settles a dispute, and the user where users have seats
SELECT
    team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, pool,
    if(user IN {users:Array(String)}, user, '') AS seat,
    kind = 'adjustment' AS adjusted,
    sum(cost_days.amount) AS amount
FROM cost_days
WHERE period = {period:String} AND (pool = '' OR kind = 'allocation')
GROUP BY team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, pool, seat, adjusted
HAVING amount != 0
