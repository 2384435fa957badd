-- Purpose: Runs of several teams that do the same on one day: their calls are of the same agents and models, with prompts as long.
-- Grain: the teams, and the agent that begins the runs
-- Columns: repeated: runs beyond the first of each; amount: USD of these, the dearest of each taken for the first.
-- Holds: Prompts have so many tokens together that they are not as long by chance.
SELECT teams, agent, sum(n - 1) AS repeated, sum(whole - dearest) AS amount
FROM
(
    SELECT
        arraySort(groupUniqArray(team)) AS teams, agent, count() AS n, sum(run.amount) AS whole, max(run.amount) AS dearest
    FROM
    (
        SELECT
            trace_id,
            argMin((attributed_spans.team, attributed_spans.agent), (start_time, span_id)) AS root,
            root.1 AS team, root.2 AS agent,
            toDate(min(start_time), {timezone:String}) AS day,
            cityHash64(arraySort(groupArrayIf((attributed_spans.agent, model, ifNull(input_tokens, 0)), billable AND bucket = 'llm'))) AS used,
            sumIf(ifNull(input_tokens, 0), billable AND bucket = 'llm') AS prompts,
            sum(attributed_spans.amount) AS amount
        FROM attributed_spans
        WHERE start_time >= toDateTime64({first:Date}, 9, {timezone:String})
            AND start_time < toDateTime64({last:Date} + 1, 9, {timezone:String})
        GROUP BY trace_id
        HAVING prompts >= {prompt_min:UInt64} AND team != '' AND amount > 0
    ) AS run
    GROUP BY day, used, agent
    HAVING length(teams) > 1
)
GROUP BY teams, agent
HAVING amount > 0
