-- Purpose: The most expensive traces, in USD.
-- Grain: a trace
SELECT start_time, trace_id, if(team = '', '(unattributed)', team) AS team_name, workflow AS workflow_name, user AS user_name, spans, cost AS usd
FROM spanledger.traces
WHERE $__timeFilter(start_time)
ORDER BY usd DESC, trace_id
LIMIT 100
