-- View: metric_totals
-- Purpose: What metrics count of the tokens and cost of calls, beside what records tell of the same: where records are lost, metrics tell more.
-- Grain: a day, sender, service, metric, model and kind of token (day, sender, service, metric, model, token_type)
-- Joins: spans on service and model
-- Columns:
--     day Date: UTC day of the points
--     sender LowCardinality(String): who sent the metric
--     service LowCardinality(String): service.name of the resource
--     metric LowCardinality(String): name of the metric
--     model LowCardinality(String): as the metric names it
--     token_type LowCardinality(String): input, output, cache_read, cache_write, reasoning, tool, total; '': of all, or no tokens
--     unit String: tokens or usd
--     total Decimal(38, 12): what the metric counts; it is added to nothing
--     sessions UInt64: sessions that it names
-- Example: SELECT day, service, model, token_type, total FROM metric_totals WHERE unit = 'tokens' ORDER BY day DESC
WITH
    points AS (SELECT * FROM metric_points FINAL),
    -- What was added since the point before: of a running total the difference, and all of it where the counter began anew.
    steps AS
    (
        SELECT
            *,
            lagInFrame(total, 1, toDecimal128(0, 12)) OVER (
                PARTITION BY metric, series, start_time ORDER BY slot ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before,
            if(NOT is_cumulative OR total < before, total, total - before) AS added
        FROM points
    )
SELECT
    toDate(steps.slot) AS day,
    steps.sender AS sender,
    steps.service AS service,
    steps.metric AS metric,
    steps.model AS model,
    steps.token_type AS token_type,
    any(steps.unit) AS unit,
    CAST(sum(steps.added) AS Decimal(38, 12)) AS total,
    uniqExactIf(steps.session, steps.session != '') AS sessions
FROM steps
GROUP BY day, sender, service, metric, model, token_type
