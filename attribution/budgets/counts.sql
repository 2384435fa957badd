-- Purpose: What was counted of attributed spans, by segment of time and by the names that budgets look at.
-- Grain: a segment and its names (segment, names)
-- Holds: A segment is the number of boundaries that lie at or before the start of the span.
--        Traces are found first, so that decisions about all others are not unfolded.
SELECT
    arrayCount(boundary -> start_time >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}) AS segment,
    arrayMap(
        (name, wanted) -> if(wanted, name, ''),
        [
            team, department, cost_center, project, environment, user, session, task, workflow, agent,
            CAST(provider, 'String'), CAST(model, 'String'), trace_id
        ],
        arrayPushBack({wanted:Array(Bool)}, {wants_runs:Bool} OR has({known:Array(String)}, trace_id))) AS names,
    sumIf(ifNull(input_tokens, 0) + ifNull(output_tokens, 0), billable AND usage != 'none') AS tokens,
    countIf(billable AND bucket IN ('llm', 'tool', 'storage')) AS calls,
    countIf(billable AND bucket = 'llm') AS iterations,
    countIf(agent_entry OR reentrant) AS agent_hops,
    countIf(billable AND cost IS NULL) AS unpriced
FROM attributed_spans
WHERE trace_id GLOBAL IN (SELECT trace_id FROM attributions WHERE end_time >= {since:DateTime64(9, 'UTC')})
    AND start_time >= {since:DateTime64(9, 'UTC')}
    AND (
        NOT {only:Bool}
        OR has({runs:Array(String)}, trace_id) OR has({tasks:Array(String)}, task) OR has({sessions:Array(String)}, session))
GROUP BY segment, names
HAVING tokens + calls + agent_hops + unpriced > 0
