-- Purpose: the ledger, posting by posting.
-- Grain:   posting.
-- Columns: period and day are where it is booked, effective_period and effective_at when the cost arose.
-- Holds:   the sum over everything, and over any dimension, is the billed cost and what was added to pools. direct: charged to the
--          initiator; pool: put into the pool of a shared agent; added: put into a pool by hand; allocation: a team's part of a pool;
--          relief: taken out of the pool for its allocations; correction: a difference that a late or changed span makes; repricing:
--          one that a later price makes; late: one for a month that was closed.
CREATE OR REPLACE VIEW ledger AS
SELECT
    posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason
FROM postings FINAL
