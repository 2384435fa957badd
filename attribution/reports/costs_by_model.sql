-- Purpose: What each team pays, by model and kind of cost, for metrics; the most expensive first. Shared cost has no model.
-- Grain: a team, model and bucket
-- Holds: The amounts sum to all that is posted.
SELECT
    team,
    model,
    bucket,
    sum(amount) AS usd
FROM ledger_days
WHERE pool = '' OR kind = 'allocation'
GROUP BY team, model, bucket
HAVING usd != 0
ORDER BY usd DESC, team, model, bucket
