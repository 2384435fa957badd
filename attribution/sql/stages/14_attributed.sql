-- Purpose: what of the decisions money follows: the spans that are billed an amount, and those of pools.
-- Grain:   span and what it is billed for: what it used, or (bucket compute, no model) its own time.
-- Holds:   of one span at most one row tells a repricing; priced_by names all that priced it.
CREATE TABLE {attributed:Identifier} ENGINE = Memory AS
SELECT
    trace_id, span_id, start_ns, formatDateTime(day, '%Y-%m') AS period, day, provider, model, bucket, priced_by, repriced_at,
    repriced_from, amount, team, department, cost_center, project, environment, user, task, workflow, agent, pool
FROM
(
    SELECT
        trace_id,
        arrayMap((a, p) -> a != 0 OR p > 0, usage_amount, pool) AS use_kept,
        arrayFilter((i, k) -> k, arrayEnumerate(use_kept), use_kept) AS uses,
        arrayFilter((i, f) -> f != 0, arrayEnumerate(fee), fee) AS times,
        arrayConcat(uses, times) AS kept,
        arrayConcat(arrayMap(_ -> false, uses), arrayMap(_ -> true, times)) AS of_time,
        arrayMap(i -> initiator[i], kept) AS started_by,
        arrayMap(i -> decided.span_id[i], kept) AS span_ids,
        arrayMap(i -> span_start_ns[i], kept) AS starts,
        arrayMap(i -> decided.day[i], kept) AS days,
        arrayMap((i, t) -> if(t, '', decided.provider[i]), kept, of_time) AS providers,
        arrayMap((i, t) -> if(t, '', decided.model[i]), kept, of_time) AS models,
        arrayMap((i, t) -> if(t, 'compute', decided.bucket[i]), kept, of_time) AS buckets,
        arrayMap(i -> decided.priced_by[i], kept) AS prices,
        arrayMap((i, t) -> if(t AND use_kept[i], NULL, decided.repriced_at[i]), kept, of_time) AS repricings,
        arrayMap(i -> decided.repriced_from[i], kept) AS former_prices,
        arrayMap((i, t) -> if(t, fee[i], usage_amount[i]), kept, of_time) AS amounts,
        arrayMap(i -> decided.team[i], started_by) AS teams,
        arrayMap(i -> decided.department[i], started_by) AS departments,
        arrayMap(i -> decided.cost_center[i], started_by) AS cost_centers,
        arrayMap(i -> decided.project[i], started_by) AS projects,
        arrayMap(i -> decided.environment[i], started_by) AS environments,
        arrayMap(i -> decided.user[i], started_by) AS users,
        arrayMap(i -> decided.task[i], started_by) AS tasks,
        arrayMap(i -> decided.workflow[i], started_by) AS workflows,
        arrayMap(i -> agents[decided.agent[i]], kept) AS own_agents,
        arrayMap(i -> agents[decided.pool[i]], kept) AS pools
    FROM {decided:Identifier} AS decided
)
ARRAY JOIN
    span_ids AS span_id, starts AS start_ns, days AS day, providers AS provider, models AS model, buckets AS bucket,
    prices AS priced_by, repricings AS repriced_at, former_prices AS repriced_from, amounts AS amount,
    teams AS team, departments AS department, cost_centers AS cost_center, projects AS project, environments AS environment,
    users AS user, tasks AS task, workflows AS workflow, own_agents AS agent, pools AS pool
