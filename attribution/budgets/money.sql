-- Purpose: What was posted for calls, by segment of time and by the names that budgets look at. A pooled cost counts for who caused it.
-- Grain: a segment and its names (segment, names)
-- Holds: The sum over everything is that of the ledger's postings of traces. A segment is the number of boundaries that lie at or before the
--        start of the call. Whatever is posted after the instant is left out. What was posted for a time at which its trace has no span any
--        more sums to 0, so that only the traces of a time are read, but for an instant of the past.
WITH traces AS
(
    SELECT trace_id
    FROM attributions
    WHERE arrayExists(
        (begin, end) -> end_time >= begin AND start_time < end,
        {begins:Array(DateTime64(9, 'UTC'))}, {ends:Array(DateTime64(9, 'UTC'))})
        AND (
            NOT {only:Bool}
            OR trace_id IN {runs:Array(String)} OR hasAny(task, {tasks:Array(String)}) OR hasAny(session, {sessions:Array(String)}))
)
SELECT
    arrayCount(boundary -> effective_at >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}) AS segment,
    arrayMap(
        (name, wanted) -> if(wanted, name, ''),
        [
            if(pool = '', team, initiator_team), if(pool = '', department, initiator_department),
            if(pool = '', cost_center, initiator_cost_center), project, environment, user, session, task, workflow, agent, provider, model,
            trace_id
        ],
        arrayPushBack({wanted:Array(Bool)}, {wants_runs:Bool} OR trace_id IN {known:Array(String)})) AS names,
    sum(amount) AS usd
FROM
(
    SELECT
        effective_at, trace_id, span_id, sender, pool, team, department, cost_center, project, environment, user, task, workflow, agent, provider,
        model, amount
    FROM ledger
    WHERE trace_id != '' AND posted_at <= {instant:DateTime64(9, 'UTC')} AND effective_at >= {since:DateTime64(9, 'UTC')}
        AND ({is_past:Bool} OR trace_id IN (SELECT trace_id FROM traces))
) AS posted
LEFT ANY JOIN
(
    SELECT
        trace_id, span_id, sender, team AS initiator_team, department AS initiator_department, cost_center AS initiator_cost_center, session
    FROM decisions
    WHERE trace_id IN (SELECT trace_id FROM traces)
) AS decided USING (trace_id, span_id, sender)
WHERE segment IN {segments:Array(UInt32)}
    AND (
        NOT {only:Bool}
        OR trace_id IN {runs:Array(String)} OR task IN {tasks:Array(String)} OR session IN {sessions:Array(String)})
GROUP BY segment, names
HAVING usd != 0
