-- Purpose: the decision on every span of the batch, a row each.
-- Grain:   span of a dirty trace.
-- Holds:   blanks are filled in the order of R8: the trace itself, what its links bring, the owner of its agent; then department
--          and cost center from the organization, the trace as the task, the root's name as the workflow.
CREATE TABLE {attributed:Identifier} ENGINE = Memory AS
WITH
    toTimeZone(fromUnixTimestamp64Nano(start_ns, 'UTC'), {timezone:String}) AS local_time,
    multiIf(
        own_payer != ('', '', ''), own_payer,
        inherited.payer != ('', '', ''), inherited.payer,
        (owner_team, '', '')) AS payer
SELECT
    trace_id,
    span_id,
    start_ns,
    formatDateTime(local_time, '%Y-%m', {timezone:String}) AS period,
    toDate(local_time) AS day,
    duration_ns,
    provider,
    model,
    bucket,
    tokens,
    response_id,
    priced_by,
    repriced_at,
    repriced_from,
    billable,
    unbilled_reason,
    amount,
    unobserved,
    root_span_id,
    payer.1 AS team,
    if(payer.2 != '', payer.2, transform(team, {teams:Array(String)}, {departments:Array(String)}, '')) AS department,
    if(payer.3 != '', payer.3, transform(team, {teams:Array(String)}, {cost_centers:Array(String)}, '')) AS cost_center,
    if(own.project != '', own.project, inherited.project) AS project,
    if(own.environment != '', own.environment, inherited.environment) AS environment,
    if(own.user != '', own.user, inherited.user) AS user,
    if(own.session != '', own.session, inherited.session) AS session,
    multiIf(own.task != '', own.task, inherited.task != '', inherited.task, trace_id) AS task,
    multiIf(own.workflow != '', own.workflow, inherited.workflow != '', inherited.workflow, root_name) AS workflow,
    agent,
    agent_entry,
    reentrant,
    path_agents,
    pool,
    flags
FROM
(
    SELECT
        trees.trace_id AS trace_id,
        span.span_id AS span_id,
        span.start_ns AS start_ns,
        span.end_ns - span.start_ns AS duration_ns,
        span.provider AS provider,
        span.model AS model,
        span.bucket AS bucket,
        ifNull(span.input_tokens, 0) + ifNull(span.output_tokens, 0) AS tokens,
        span.response_id AS response_id,
        span.priced_by AS priced_by,
        span.repriced_at AS repriced_at,
        span.repriced_from AS repriced_from,
        billable,
        unbilled_reason,
        amount,
        unobserved,
        s.span_id[root_at] AS root_span_id,
        s.name[root_at] AS root_name,
        (team[node], department[node], cost_center[node]) AS own_payer,
        owner_team,
        project[node] AS project,
        environment[node] AS environment,
        user[node] AS user,
        session[node] AS session,
        task[node] AS task,
        workflow[node] AS workflow,
        agent,
        agent_entry,
        reentrant,
        path_agents,
        pool,
        arrayFilter(flag -> flag != '', [if(orphan, 'orphan', ''), if(has(cut_at, i), 'cycle', '')]) AS flags
    FROM {trees:Identifier} AS trees
    INNER JOIN {billing:Identifier} AS billing ON billing.trace_id = trees.trace_id
    INNER JOIN {paths:Identifier} AS paths ON paths.trace_id = trees.trace_id
    INNER JOIN {initiators:Identifier} AS initiators ON initiators.trace_id = trees.trace_id
    ARRAY JOIN
        s AS span,
        arrayEnumerate(s) AS i,
        orphan,
        billable, unbilled_reason, amount, unobserved,
        root_at, agent, agent_entry, reentrant, path_agents, pool, owner_team,
        node
    WHERE trees.dirty
) AS own
LEFT JOIN {inherited:Identifier} AS inherited ON inherited.trace_id = own.trace_id AND inherited.root_span_id = own.root_span_id
