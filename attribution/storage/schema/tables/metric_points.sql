-- Purpose: What metrics count of the tokens and the cost of calls: totals to hold the records against, never added to them.
-- Grain: a point of a metric (metric, series, start_time, slot); of equal ones the latest counts. Of running totals the last one of each
--        hour is kept.
CREATE TABLE IF NOT EXISTS metric_points
(
    sender        LowCardinality(String) COMMENT 'who sent it, by the ingest key; empty: there are no keys',
    service       LowCardinality(String) COMMENT 'service.name of the resource',
    metric        LowCardinality(String) COMMENT 'name of the metric',
    series        UInt64 COMMENT 'hash of the sender and all attributes, of the resource and of the point',
    start_time    DateTime64(9, 'UTC') COMMENT 'since when it counts; another one is a counter that began anew',
    slot          DateTime64(9, 'UTC') COMMENT 'of a running total the hour, else the time of the point',
    time          DateTime64(9, 'UTC') COMMENT 'up to when it counts',
    is_cumulative Bool COMMENT 'a running total since start_time; false: what was added since the point before',
    unit          LowCardinality(String) COMMENT 'tokens or usd',
    token_type    LowCardinality(String) COMMENT 'input, output, cache_read, cache_write, reasoning, tool, total; empty: of all, or no tokens',
    model         LowCardinality(String) COMMENT 'the model',
    session       String COMMENT 'the session',
    user          String COMMENT 'the user',
    team          LowCardinality(String) COMMENT 'the team that the ingest key, the point or the resource names',
    total         Decimal(38, 12) COMMENT 'tokens or USD'
)
ENGINE = ReplacingMergeTree(time)
PARTITION BY toYYYYMM(slot)
ORDER BY (metric, series, start_time, slot)
