-- Purpose: Whether spend grows faster than use: USD and invocations, each by its mean of the days.
-- Grain: a day
WITH by_day AS
(
    SELECT day, sum(own_cost) AS usd, sum(entries) AS invocations
    FROM spanledger.costs_by_agent
    WHERE $__dateFilter(day)
    GROUP BY day
)
SELECT
    toDateTime(day) AS time,
    usd / (SELECT sum(usd) / count() FROM by_day WHERE usd > 0) AS spend,
    invocations / (SELECT avg(invocations) FROM by_day WHERE invocations > 0) AS use
FROM by_day
ORDER BY time
