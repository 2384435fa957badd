-- Internal view: decisions
-- Purpose: What attribution decided about each span, without the span.
-- Grain: a span that attribution has seen (trace_id, span_id, sender)
-- Columns:
--     trace_id String: trace, 32 hex digits
--     span_id String: span, 16 hex digits
--     day Date: day in the configured zone
--     period String: month, such as 2026-10, in the configured zone
--     billable Bool: it is billed
--     is_unpriced Bool: what it used is billed, and the cost of that is not known
--     unbilled_reason String: why what it used is not billed: aggregate or duplicate; empty: it is billed
--     amount Decimal(38, 12): USD billed of the span
--     unobserved Nullable(Decimal(38, 12)): USD that an unbilled aggregate says beyond all that is billed or said below it; NULL: no such
--         aggregate
--     call_id String: the record at which its call is billed, as trace:span; empty: it tells none
--     is_told_again Bool: other records tell its call too
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
--     flags Array(String): orphan: names a parent that is not there; cycle: first of a loop of parent pointers; split: its
--         cost is split by link among several initiators, of which the first one is shown
--     initiator_source String: how the team was found: said (of the work), link, sender (said of it), trace, session or owner;
--         empty: it was not
--     sender LowCardinality(String): who sent it, by the ingest key; empty: there are no keys
WITH (values, nth) -> arrayMap(i -> values[i], nth) AS of
SELECT
    trace_id,
    id AS span_id,
    started AS day,
    formatDateTime(started, '%Y-%m') AS period,
    toBool(bitTest(flag, 0)) AS billable,
    toBool(bitTest(flag, 10)) AS is_unpriced,
    multiIf(bitTest(flag, 1), 'aggregate', bitTest(flag, 2), 'duplicate', '') AS unbilled_reason,
    usd AS amount,
    beyond AS unobserved,
    multiIf(each_call_id != '', each_call_id, bitTest(flag, 9), concat(trace_id, ':', id), '') AS call_id,
    toBool(each_call_id != '') AS is_told_again,
    root_id AS root_span_id,
    each_team AS team, each_department AS department, each_cost_center AS cost_center, each_project AS project, each_environment AS environment,
    each_user AS user, each_session AS session, each_task AS task, each_workflow AS workflow,
    each_agent AS agent,
    toBool(bitTest(flag, 6)) AS agent_entry,
    toBool(bitTest(flag, 7)) AS reentrant,
    path_agents,
    each_pool AS pool,
    arrayConcat(if(bitTest(flag, 4), ['orphan'], []), if(bitTest(flag, 5), ['cycle'], []), if(bitTest(flag, 11), ['split'], [])) AS flags,
    toString(each_source) AS initiator_source,
    -- Of the type that spans have: where a join compares two types, ClickHouse does not look up one trace on both sides of it.
    toLowCardinality(sent_by) AS sender
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
        if(
            empty(called_at),
            arrayMap(_ -> '', span_id),
            arrayMap(
                nth -> if(nth > length(called_at), '', attributions.call_id[nth]),
                arraySlice(arrayEnumerateDense(arrayConcat(called_at, arrayEnumerate(span_id))), length(called_at) + 1))) AS call_ids,
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
        of(attributions.initiator_source, initiator) AS sources,
        if(empty(attributions.sender), arrayMap(_ -> senders[1], span_id), of(senders, attributions.sender)) AS sent_bys,
        of(agents, attributions.agent) AS own_agents,
        -- Each 64-bit word has a bit for each of 64 agents.
        arrayFold(
            (on_path, word, names) -> arrayMap(
                (path_names, bits) -> arrayConcat(path_names, arrayFilter((name, at) -> name != '' AND bitTest(bits, at), names, range(length(names)))),
                on_path, word),
            paths,
            arrayMap(nth -> arraySlice(agents, 64 * (nth - 1) + 1, 64), arrayEnumerate(paths)),
            arrayMap(i -> arraySlice(agents, 1, 0), attributions.agent)) AS agents_on_path,
        of(agents, attributions.pool) AS pools
    FROM attributions FINAL
    WHERE trace_id != ''
)
ARRAY JOIN
    ids AS id, days AS started, bits AS flag, amounts AS usd, unobserveds AS beyond, call_ids AS each_call_id, roots AS root_id, teams AS each_team,
    departments AS each_department, cost_centers AS each_cost_center, projects AS each_project, environments AS each_environment,
    users AS each_user, sessions AS each_session, tasks AS each_task, workflows AS each_workflow, own_agents AS each_agent,
    agents_on_path AS path_agents, pools AS each_pool, sources AS each_source, sent_bys AS sent_by
