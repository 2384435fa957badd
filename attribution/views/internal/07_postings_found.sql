-- Internal view: postings_found
-- Purpose: The postings that count, with the columns by which reports choose from the rollups of the ledger. Reports by two dimensions
--          of which one has many values read it.
-- Grain: a posting
-- Columns:
--     day Date: day on which it is booked
--     pool String: the pool; empty: none
--     found UInt8: has a team
--     dimension String: any: each has a column
--     team String: team that pays; empty: nobody was found
--     department String: department of the team
--     cost_center String: cost center of the team
--     project String: project that the work is for
--     environment String: environment, such as production
--     user String: user who started the work
--     task String: task that the work is part of; the trace where nobody names one
--     workflow String: workflow that was started
--     agent String: the agent whose cost it is
--     model String: the model that answered, else the one that was asked for
--     bucket String: kind of cost
--     amount Decimal(38, 12): USD; negative takes back
SELECT
    day, pool, team != '' AS found, '' AS dimension, team, department, cost_center, project, environment, user, task, workflow, agent, model,
    bucket, amount
FROM posted
