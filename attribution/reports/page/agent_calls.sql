-- Purpose: The spans of the most expensive traces in which an agent was at work, for telling who called it and whom it called.
-- Grain: a span
WITH most_expensive AS
(
    SELECT trace_id
    FROM attributions FINAL
    WHERE trace_id != '' AND has(agents, {agent:String})
        AND toDate(start_time, {timezone:String}) BETWEEN {first:Date} AND {last:Date}
    ORDER BY cost DESC, trace_id
    LIMIT {traces_max:UInt32}
)
SELECT trace_id, sender, span_id, parent_span_id, decided.agent AS agent, agent_entry, amount, flags
FROM
(
    SELECT trace_id, span_id, sender, agent, agent_entry, amount, flags
    FROM decisions
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM most_expensive)
) AS decided
GLOBAL INNER JOIN
(
    SELECT trace_id, span_id, sender, parent_span_id
    FROM span_records FINAL
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM most_expensive)
) AS recorded USING (trace_id, span_id, sender)
LIMIT {rows_max:UInt32}
