-- Purpose: keeps the decisions of this pass.
-- Grain:   trace.
INSERT INTO attributions
(
    version, trace_id, start_time, end_time, cost, unpriced_spans, response_ids,
    span_id, day, billable, unbilled_reason, amount, unobserved, root, orphan, cut,
    agent, agent_entry, reentrant, pool, initiator,
    agents, paths, team, department, cost_center, project, environment, user, session, task, workflow
)
SELECT
    {version:UInt64}, trace_id, fromUnixTimestamp64Nano(start_ns, 'UTC'), fromUnixTimestamp64Nano(end_ns, 'UTC'),
    cost, unpriced_spans, response_ids,
    span_id, day, billable, unbilled_reason, amount, unobserved, root, orphan, cut,
    agent, agent_entry, reentrant, pool, initiator,
    agents, paths, team, department, cost_center, project, environment, user, session, task, workflow
FROM {decided:Identifier}
