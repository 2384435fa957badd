-- Purpose: What was posted for calls, by segment of time and by the names that budgets look at. A pooled cost counts for who caused it.
-- Grain: a segment and its names (segment, names)
-- Holds: The sum over everything is that of the ledger's postings of traces. A segment is the number of boundaries that lie at or before the
--        start of the call. Whatever is posted after the instant is left out.
SELECT
    arrayCount(boundary -> effective_at >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}) AS segment,
    arrayMap(
        (name, wanted) -> if(wanted, name, ''),
        [
            if(pool = '', team, initiator_team), if(pool = '', department, initiator_department),
            if(pool = '', cost_center, initiator_cost_center), project, environment, user, session, task, workflow, agent, provider, model,
            trace_id
        ],
        arrayPushBack({wanted:Array(Bool)}, {wants_runs:Bool} OR has({known:Array(String)}, trace_id))) AS names,
    sum(amount) AS usd
FROM
(
    SELECT
        effective_at, trace_id, span_id, sender, pool, team, department, cost_center, project, environment, user, task, workflow, agent, provider,
        model, amount
    FROM ledger
    WHERE trace_id != '' AND posted_at <= {instant:DateTime64(9, 'UTC')} AND effective_at >= {since:DateTime64(9, 'UTC')}
) AS posted
LEFT ANY JOIN
(
    SELECT
        trace_id, span_id, sender, team AS initiator_team, department AS initiator_department, cost_center AS initiator_cost_center, session
    FROM decisions
    WHERE trace_id GLOBAL IN (SELECT trace_id FROM attributions WHERE end_time >= {since:DateTime64(9, 'UTC')} - INTERVAL 1 DAY)
        AND day >= toDate({since:DateTime64(9, 'UTC')}) - 1
) AS decided USING (trace_id, span_id, sender)
WHERE NOT {only:Bool}
    OR has({runs:Array(String)}, trace_id) OR has({tasks:Array(String)}, task) OR has({sessions:Array(String)}, session)
GROUP BY segment, names
HAVING usd != 0
