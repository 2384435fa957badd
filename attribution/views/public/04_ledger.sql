-- View: ledger
-- Purpose: The ledger, posting by posting.
-- Grain: a posting
-- Joins: attributed_spans on trace_id, span_id, sender; pools and allocations on period, pool
-- Columns:
--     posted_at DateTime64(9, 'UTC'): when it was posted
--     effective_at DateTime64(9, 'UTC'): when the cost arose
--     effective_period String: month in which the cost arose
--     period String: month in which it is booked
--     day Date: day on which it is booked
--     kind String: direct, pool, unobserved, added, allocation, relief, correction, repricing, late or adjustment
--     trace_id String: trace, 32 hex digits
--     span_id String: span, 16 hex digits
--     pool String: the pool; empty: none
--     team String: team that pays; empty: nobody was found, or the cost is in a pool
--     department String: department of the team
--     cost_center String: cost center of the team
--     project String: project that the work is for
--     environment String: environment, such as production
--     user String: user who started the work
--     task String: task that the work is part of; the trace where nobody names one
--     workflow String: workflow that was started
--     agent String: the agent whose cost it is
--     provider String: who bills the call
--     model String: the model that answered, else the one that was asked for
--     bucket String: kind of cost: llm, tool, compute, storage, orchestration, human_review or platform
--     amount Decimal(38, 12): USD; negative takes back
--     reason String: why it was posted
--     sender String: who sent the record that it is for, by the ingest key; empty: there are no keys, or it is for none
-- Holds: The sum over everything, and over any dimension, is the billed cost and what was added to pools. direct: charged to the initiator.
--        pool: put into the pool of a shared agent. unobserved: what totals tell of calls that tell no usage, direct or pooled. added: put into a pool by hand. allocation: a team's part of a pool. relief: taken out
--        of the pool for its allocations. correction: a late or changed span. repricing: a later price. late: for a month that was closed. adjustment: moved
--        between teams to settle a dispute; those of a dispute sum to 0.
-- Example: SELECT kind, sum(amount) AS usd FROM ledger WHERE period = '2026-10' GROUP BY kind
SELECT
    posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason, sender
FROM posted
