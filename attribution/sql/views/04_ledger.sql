-- Purpose: the ledger, posting by posting.
-- Grain:   posting.
-- Holds:   the sum over everything, and over any dimension, is the billed cost. direct: charged to the initiator; pool: put into the
--          pool of a shared agent; allocation: a team's part of a pool; relief: taken out of the pool for its allocations;
--          correction: a difference that a late or changed span makes; repricing: one that a later price makes.
CREATE OR REPLACE VIEW ledger AS
SELECT
    posted_at, effective_at, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason
FROM postings FINAL
