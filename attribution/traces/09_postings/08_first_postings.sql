-- Purpose: Posts the billed amounts of the traces that have no postings yet (R11).
-- Grain: a trace
-- Holds: Afterwards the postings of each of their spans sum to its billed amount.
INSERT INTO first_postings
(
    pass, posted_at, trace_id, span_id, start_ns, day, amount, agent, pool, charge, initiator,
    agents, provider, model, bucket, repricing, is_unobserved, team, department, cost_center, project, environment, user, task, workflow,
    senders, sender
)
SELECT
    {version:UInt64}, now64(9), trace_id, span_id, start_ns, day, amount, agent, pool, charge, initiator,
    agents, provider, model, bucket, repricing, is_unobserved, team, department, cost_center, project, environment, user, task, workflow,
    senders, sender
FROM {amounts_to_post:Identifier}
WHERE is_first
