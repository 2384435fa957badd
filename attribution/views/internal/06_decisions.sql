-- Internal view: decisions
-- Purpose: What attribution decided about each span, without the span.
-- Grain: a span that attribution has seen (trace_id, span_id)
-- Columns:
--     trace_id String: trace, 32 hex digits
--     span_id String: span, 16 hex digits
--     day Date: day in the configured zone
--     period String: month, such as 2026-10, in the configured zone
--     billable Bool: it is billed
--     unbilled_reason String: why what it used is not billed: aggregate or duplicate; empty: it is billed
--     amount Decimal(38, 12): USD billed of the span
--     unobserved Nullable(Decimal(38, 12)): USD that an unbilled aggregate says beyond the calls below it; NULL: no such aggregate
--     root_span_id String: its local root
--     team String: team that started the work; empty: nobody was found
--     department String: department of the team
--     cost_center String: cost center of the team
--     project String: project that the work is for
--     environment String: environment, such as production
--     user String: user who started the work
--     session String: session that the work is part of
--     task String: task that the work is part of; the trace where nobody names one
--     workflow String: workflow that was started
--     agent String: the agent whose cost it is
--     agent_entry Bool: the span enters the agent
--     reentrant Bool: the span enters an agent that is above it already
--     path_agents Array(String): agents on the path down to the span
--     pool String: the pool; empty: none
--     flags Array(String): orphan: names a parent that is not there; cycle: first of a loop of parent pointers
WITH (values, nth) -> arrayMap(i -> values[i], nth) AS of
SELECT
    trace_id,
    id AS span_id,
    started AS day,
    formatDateTime(started, '%Y-%m') AS period,
    toBool(bitTest(flag, 0)) AS billable,
    multiIf(bitTest(flag, 1), 'aggregate', bitTest(flag, 2), 'duplicate', '') AS unbilled_reason,
    usd AS amount,
    beyond AS unobserved,
    root_id AS root_span_id,
    its_team AS team, its_department AS department, its_cost_center AS cost_center, its_project AS project, its_environment AS environment,
    its_user AS user, its_session AS session, its_task AS task, its_workflow AS workflow,
    its_agent AS agent,
    toBool(bitTest(flag, 6)) AS agent_entry,
    toBool(bitTest(flag, 7)) AS reentrant,
    path_agents,
    its_pool AS pool,
    arrayConcat(if(bitTest(flag, 4), ['orphan'], []), if(bitTest(flag, 5), ['cycle'], [])) AS flags
FROM
(
    SELECT
        trace_id,
        span_id AS ids,
        day AS days,
        attributions.flags AS bits,
        attributions.amount AS amounts,
        arrayMap(
            nth -> if(nth > length(unobserved_at), NULL, attributions.unobserved[nth]),
            arraySlice(
                arrayEnumerateDense(arrayConcat(unobserved_at, arrayEnumerate(span_id))), length(unobserved_at) + 1)) AS unobserveds,
        of(span_id, root) AS roots,
        of(attributions.team, initiator) AS teams,
        of(attributions.department, initiator) AS departments,
        of(attributions.cost_center, initiator) AS cost_centers,
        of(attributions.project, initiator) AS projects,
        of(attributions.environment, initiator) AS environments,
        of(attributions.user, initiator) AS users,
        of(attributions.session, initiator) AS sessions,
        of(attributions.task, initiator) AS tasks,
        of(attributions.workflow, initiator) AS workflows,
        of(agents, attributions.agent) AS own_agents,
        -- Word by word, 64 agents each.
        arrayFold(
            (found, word, names) -> arrayMap(
                (those, bits) -> arrayConcat(those, arrayFilter((name, at) -> name != '' AND bitTest(bits, at), names, range(length(names)))),
                found, word),
            paths,
            arrayMap(nth -> arraySlice(agents, 64 * (nth - 1) + 1, 64), arrayEnumerate(paths)),
            arrayMap(i -> arraySlice(agents, 1, 0), attributions.agent)) AS agents_on_path,
        of(agents, attributions.pool) AS pools
    FROM attributions FINAL
    WHERE trace_id != ''
)
ARRAY JOIN
    ids AS id, days AS started, bits AS flag, amounts AS usd, unobserveds AS beyond, roots AS root_id, teams AS its_team,
    departments AS its_department, cost_centers AS its_cost_center, projects AS its_project, environments AS its_environment,
    users AS its_user, sessions AS its_session, tasks AS its_task, workflows AS its_workflow, own_agents AS its_agent,
    agents_on_path AS path_agents, pools AS its_pool
