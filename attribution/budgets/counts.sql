-- Purpose: What was counted of attributed spans, by segment of time and by the names that budgets look at.
-- Grain: a segment and its names (segment, names)
-- Holds: A segment is the number of boundaries that lie at or before the start of the span.
--        Traces are found first, so that decisions about all others are not unfolded.
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
    arrayCount(boundary -> start_time >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}) AS segment,
    arrayMap(
        (name, wanted) -> if(wanted, name, ''),
        [
            team, department, cost_center, project, environment, user, session, task, workflow, agent,
            CAST(provider, 'String'), CAST(model, 'String'), trace_id
        ],
        arrayPushBack({wanted:Array(Bool)}, {wants_runs:Bool} OR trace_id IN {known:Array(String)})) AS names,
    sumIf(ifNull(input_tokens, 0) + ifNull(output_tokens, 0), billable AND usage != 'none') AS tokens,
    countIf(billable AND bucket IN ('llm', 'tool', 'storage')) AS calls,
    countIf(billable AND bucket = 'llm') AS iterations,
    countIf(agent_entry OR reentrant) AS agent_hops,
    countIf(billable AND cost IS NULL) AS unpriced
FROM attributed_spans
WHERE trace_id GLOBAL IN (SELECT trace_id FROM traces)
    AND start_time >= {since:DateTime64(9, 'UTC')}
    AND segment IN {segments:Array(UInt32)}
    AND (
        NOT {only:Bool}
        OR trace_id IN {runs:Array(String)} OR task IN {tasks:Array(String)} OR session IN {sessions:Array(String)})
GROUP BY segment, names
HAVING tokens + calls + agent_hops + unpriced > 0
