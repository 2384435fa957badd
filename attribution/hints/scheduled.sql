-- Purpose: Workflows that run on a schedule, and which of their runs changed nothing, or were used by nobody as far as links tell.
-- Grain: a team, workflow and the agent that begins it
-- Columns: every_ns: median ns from one run to the next; unchanged: runs whose calls have the counts of the run before; linked: runs that
--          another trace links to; *_amount: USD of the runs that are unchanged, and of those that no trace links to.
-- Holds: A schedule has five runs or more, and at most every fifth comes earlier or later than the median by more than a tenth of it.
WITH linked AS
    (
        SELECT DISTINCT arrayJoin(link_trace_ids) AS trace_id
        FROM span_records
        WHERE notEmpty(link_trace_ids) AND start_time >= toDateTime64({first:Date}, 9, {timezone:String})
    )
SELECT
    team, workflow, agent,
    length(found) AS runs,
    toInt64(every) AS every_ns,
    arrayCount(same -> same, is_same) AS unchanged,
    arraySum((run, same) -> if(same, run.amount, toDecimal128(0, 12)), found, is_same) AS unchanged_amount,
    arrayCount(run -> run.is_linked, found) AS linked,
    arraySum(run -> if(run.is_linked, toDecimal128(0, 12), run.amount), found) AS unlinked_amount
FROM
(
    SELECT
        team, workflow, agent,
        arraySort(run -> (run.began, run.trace_id), groupArray(CAST(
            (began, trace_id, used, amount, is_linked),
            'Tuple(began Int64, trace_id String, used UInt64, amount Decimal(38, 12), is_linked Bool)'))) AS found,
        arrayPopFront(arrayDifference(found.began)) AS gaps,
        arrayReduce('quantileExact(0.5)', gaps) AS every,
        arrayMap((used, before) -> used = before, found.used, arrayPushFront(arrayPopBack(found.used), toUInt64(0))) AS is_same
    FROM
    (
        SELECT
            trace_id,
            argMin((attributed_spans.team, attributed_spans.workflow, attributed_spans.agent), (start_time, span_id)) AS root,
            root.1 AS team, root.2 AS workflow, root.3 AS agent,
            toUnixTimestamp64Nano(min(start_time)) AS began,
            -- Never 0, which the first run is compared with.
            1 + cityHash64(arraySort(groupArrayIf(
                (attributed_spans.agent, model, ifNull(input_tokens, 0), ifNull(output_tokens, 0)), billable AND bucket = 'llm'))) % 1000000007000000007 AS used,
            sum(attributed_spans.amount) AS amount,
            trace_id IN (SELECT trace_id FROM linked) AS is_linked
        FROM attributed_spans
        WHERE start_time >= toDateTime64({first:Date}, 9, {timezone:String})
            AND start_time < toDateTime64({last:Date} + 1, 9, {timezone:String})
        GROUP BY trace_id
        HAVING amount > 0 AND workflow != ''
    )
    GROUP BY team, workflow, agent
    HAVING length(found) >= 5
)
WHERE every > 0 AND arrayCount(gap -> 10 * abs(gap - every) > every, gaps) * 5 <= length(gaps)
