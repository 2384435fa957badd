-- Purpose: the decisions of attribution, span by span.
-- Grain:   span that attribution has seen.
-- Columns: those of `attributed_spans` that are decided.
CREATE OR REPLACE VIEW decisions AS
SELECT
    trace_id, span_id, day, formatDateTime(day, '%Y-%m') AS period, billable, unbilled_reason, amount, unobserved, root_span_id,
    team, department, cost_center, project, environment, user, session, task, workflow,
    agent, agent_entry, reentrant, path_agents, pool,
    arrayConcat(if(orphan, ['orphan'], []), if(cut, ['cycle'], [])) AS flags
FROM
(
    SELECT
        trace_id,
        span_id AS span_ids,
        day AS days,
        billable AS billables,
        unbilled_reason AS unbilled_reasons,
        amount AS amounts,
        unobserved AS unobserveds,
        arrayMap(i -> span_ids[i], root) AS roots,
        arrayMap(i -> attributions.team[i], initiator) AS teams,
        arrayMap(i -> attributions.department[i], initiator) AS departments,
        arrayMap(i -> attributions.cost_center[i], initiator) AS cost_centers,
        arrayMap(i -> attributions.project[i], initiator) AS projects,
        arrayMap(i -> attributions.environment[i], initiator) AS environments,
        arrayMap(i -> attributions.user[i], initiator) AS users,
        arrayMap(i -> attributions.session[i], initiator) AS sessions,
        arrayMap(i -> attributions.task[i], initiator) AS tasks,
        arrayMap(i -> attributions.workflow[i], initiator) AS workflows,
        arrayMap(i -> agents[i], agent) AS own_agents,
        agent_entry AS entries,
        reentrant AS reentrants,
        -- Word by word, 64 agents each.
        arrayFold(
            (found, word, names) -> arrayMap(
                (those, bits) -> arrayConcat(those, arrayFilter((name, at) -> name != '' AND bitTest(bits, at), names, range(length(names)))),
                found, word),
            paths,
            arrayMap(nth -> arraySlice(agents, 64 * (nth - 1) + 1, 64), arrayEnumerate(paths)),
            arrayMap(i -> arraySlice(agents, 1, 0), agent)) AS agents_on_path,
        arrayMap(i -> agents[i], pool) AS pools,
        orphan AS orphans,
        cut AS cuts
    FROM attributions FINAL
)
ARRAY JOIN
    span_ids AS span_id, days AS day, billables AS billable, unbilled_reasons AS unbilled_reason, amounts AS amount,
    unobserveds AS unobserved, roots AS root_span_id, teams AS team, departments AS department, cost_centers AS cost_center,
    projects AS project, environments AS environment, users AS user, sessions AS session, tasks AS task, workflows AS workflow,
    own_agents AS agent, entries AS agent_entry, reentrants AS reentrant, agents_on_path AS path_agents, pools AS pool,
    orphans AS orphan, cuts AS cut
