-- Purpose: keeps the decisions of this pass.
-- Grain:   span.
INSERT INTO attributions
(
    version, trace_id, span_id, period, day, billable, unbilled_reason, amount, tokens, duration_ns, unobserved, root_span_id,
    team, department, cost_center, project, environment, user, session, task, workflow,
    agent, agent_entry, reentrant, path_agents, pool, flags, response_id
)
SELECT
    {version:UInt64}, trace_id, span_id, period, day, billable, unbilled_reason, amount, tokens, duration_ns, unobserved, root_span_id,
    team, department, cost_center, project, environment, user, session, task, workflow,
    agent, agent_entry, reentrant, path_agents, pool, flags, response_id
FROM {attributed:Identifier}
