-- Purpose: How shared agents are split: what each team used of them in a month, and what it pays, in USD.
-- Grain: a month, pool and team
SELECT period AS month, pool AS shared_agent, if(team = '', '(unattributed)', team) AS team_name, weight AS used, share, amount AS usd
FROM spanledger.allocations
WHERE period >= formatDateTime($__fromTime, '%Y-%m') AND period <= formatDateTime($__toTime, '%Y-%m')
    AND $__conditionalAll(team IN (${team:singlequote}), $team)
ORDER BY month DESC, shared_agent, usd DESC, team_name
