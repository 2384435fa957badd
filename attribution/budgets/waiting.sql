-- Purpose: What is stored and not attributed yet, by segment of time and by the names that budgets look at.
-- Grain: a segment and its names (segment, names)
-- Holds: Until attribution decides, the initiator is what the trace says first, by the start of its spans: of the work, else of the sender.
--        Two records of one call may both count until then, never none.
SELECT
    arrayCount(boundary -> start_time >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}) AS segment,
    arrayMap(
        (name, wanted) -> if(wanted, name, ''),
        [
            team, department, cost_center, project, environment, user, session,
            if(task = '', trace_id, task), workflow, CAST(own_agent, 'String'), CAST(provider, 'String'), CAST(model, 'String'), trace_id
        ],
        arrayPushBack({wanted:Array(Bool)}, {wants_runs:Bool} OR trace_id IN {known:Array(String)})) AS names,
    sumIf(ifNull(cost, 0), usage = 'leaf') AS usd,
    sumIf(ifNull(input_tokens, 0) + ifNull(output_tokens, 0), usage = 'leaf') AS tokens,
    countIf(usage = 'leaf' AND bucket IN ('llm', 'tool', 'storage')) AS calls,
    countIf(usage = 'leaf' AND bucket = 'llm') AS iterations,
    countIf(agent != '') AS agent_hops,
    countIf(usage = 'leaf' AND cost IS NULL) AS unpriced
FROM
(
    SELECT
        trace_id, span_id, sender, start_time, usage, cost, input_tokens, output_tokens, bucket, provider, model, agent,
        -- Of each dimension what the trace says first; it is the same for all its spans.
        argMinIf(span_team, place, span_team != '') OVER trace AS said_team,
        argMinIf(span_department, place, span_department != '') OVER trace AS said_department,
        argMinIf(span_cost_center, place, span_cost_center != '') OVER trace AS said_cost_center,
        argMinIf(span_project, place, span_project != '') OVER trace AS said_project,
        argMinIf(span_environment, place, span_environment != '') OVER trace AS said_environment,
        argMinIf(span_user, place, span_user != '') OVER trace AS said_user,
        argMinIf(span_session, place, span_session != '') OVER trace AS said_session,
        argMinIf(span_task, place, span_task != '') OVER trace AS said_task,
        argMinIf(span_workflow, place, span_workflow != '') OVER trace AS said_workflow,
        argMinIf(resource_team, place, resource_team != '') OVER trace AS senders_team,
        argMinIf(resource_department, place, resource_department != '') OVER trace AS senders_department,
        argMinIf(resource_cost_center, place, resource_cost_center != '') OVER trace AS senders_cost_center,
        argMinIf(resource_project, place, resource_project != '') OVER trace AS senders_project,
        argMinIf(resource_environment, place, resource_environment != '') OVER trace AS senders_environment,
        argMinIf(resource_user, place, resource_user != '') OVER trace AS senders_user,
        argMinIf(resource_session, place, resource_session != '') OVER trace AS senders_session,
        argMinIf(resource_task, place, resource_task != '') OVER trace AS senders_task,
        argMinIf(resource_workflow, place, resource_workflow != '') OVER trace AS senders_workflow,
        if(said_team = '', senders_team, said_team) AS team,
        multiIf(
            said_department != '', said_department, senders_department != '', senders_department,
            transform(team, {teams:Array(String)}, {departments:Array(String)}, '')) AS department,
        multiIf(
            said_cost_center != '', said_cost_center, senders_cost_center != '', senders_cost_center,
            transform(team, {teams:Array(String)}, {cost_centers:Array(String)}, '')) AS cost_center,
        if(said_project = '', senders_project, said_project) AS project,
        if(said_environment = '', senders_environment, said_environment) AS environment,
        if(said_user = '', senders_user, said_user) AS user,
        if(said_session = '', senders_session, said_session) AS session,
        if(said_task = '', senders_task, said_task) AS task,
        if(said_workflow = '', senders_workflow, said_workflow) AS workflow,
        -- The nearest agent above is the last one that began before the span, near enough until its tree is known.
        if(agent != '', agent, argMaxIf(agent, start_time, agent != '') OVER before) AS own_agent
    FROM
    (
        -- The tags of an ingest key are said of the sender, before its resource (R8).
        WITH (dimension, named) -> if(JSONExtractString(tags, dimension) != '', JSONExtractString(tags, dimension), named) AS of_sender
        SELECT
            * REPLACE
            (
                of_sender('team', resource_team) AS resource_team,
                of_sender('department', resource_department) AS resource_department,
                of_sender('cost_center', resource_cost_center) AS resource_cost_center,
                of_sender('project', resource_project) AS resource_project,
                of_sender('environment', resource_environment) AS resource_environment,
                of_sender('user', resource_user) AS resource_user,
                of_sender('session', resource_session) AS resource_session,
                of_sender('task', resource_task) AS resource_task,
                of_sender('workflow', resource_workflow) AS resource_workflow
            ),
            (start_time, parent_span_id != '', span_id) AS place
        FROM span_records
        WHERE trace_id IN (SELECT trace_id FROM pending)
        ORDER BY version DESC
        LIMIT 1 BY trace_id, span_id, sender
    )
    WINDOW
        trace AS (PARTITION BY trace_id),
        before AS (PARTITION BY trace_id ORDER BY start_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
WHERE start_time >= {since:DateTime64(9, 'UTC')}
    AND (trace_id, span_id, sender) NOT IN (SELECT trace_id, span_id, sender FROM decisions WHERE trace_id IN (SELECT trace_id FROM pending))
    AND (
        NOT {only:Bool}
        OR trace_id IN {runs:Array(String)} OR if(task = '', trace_id, task) IN {tasks:Array(String)}
        OR session IN {sessions:Array(String)})
GROUP BY segment, names
HAVING usd != 0 OR tokens + calls + agent_hops + unpriced > 0
