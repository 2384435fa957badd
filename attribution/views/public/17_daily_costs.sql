-- View: daily_costs
-- Purpose: What every day costs by every dimension that reports know: one rollup for reports, dashboards and spreadsheets.
-- Grain: a part of the cost of a day and its dimensions; one key may have several rows: always sum
-- Joins: costs_by_team on day, team; costs_by_agent on day, agent; pools and allocations on pool
-- Columns:
--     day Date: day in the configured zone
--     period LowCardinality(String): month in which it is booked
--     team LowCardinality(String): team that pays; empty: nobody was found, or the cost is in a pool
--     department LowCardinality(String): department of the team
--     cost_center LowCardinality(String): cost center of the team
--     project LowCardinality(String): project that the work is for
--     environment LowCardinality(String): environment, such as production
--     user String: user who started the work
--     task String: task that the work is part of; the trace where nobody names one
--     workflow LowCardinality(String): workflow that was started
--     agent LowCardinality(String): the agent whose cost it is
--     provider LowCardinality(String): who bills the call
--     model LowCardinality(String): the model that answered, else the one that was asked for
--     bucket LowCardinality(String): kind of cost: llm, tool, compute, storage, orchestration, human_review or platform
--     pool LowCardinality(String): the pool; empty: none
--     direct Decimal(38, 12): USD charged to the initiator
--     shared Decimal(38, 12): USD put into pools, taken out again for their allocations, and allocated
--     total Decimal(38, 12): USD, both together
-- Holds: The sum over everything, and over any dimension, is the billed cost and what was added to pools. Allocations have no user, task,
--        workflow, project, environment, provider, model and bucket.
-- Example: SELECT day, team, sum(total) AS usd FROM daily_costs WHERE day >= today() - 7 GROUP BY day, team ORDER BY day, usd DESC
SELECT
    day,
    period,
    team,
    department,
    cost_center,
    project,
    environment,
    user,
    task,
    workflow,
    agent,
    provider,
    model,
    bucket,
    pool,
    if(pool = '', amount, toDecimal128(0, 12)) AS direct,
    if(pool = '', toDecimal128(0, 12), amount) AS shared,
    amount AS total
FROM cost_days
