-- Purpose: What happened to budgets and who did what to them, when and why. Rows are added, never changed.
-- Grain: an event
CREATE TABLE IF NOT EXISTS budget_events
(
    id           UUID COMMENT 'the event',
    at           DateTime64(9, 'UTC') COMMENT 'when it happened',
    kind         LowCardinality(String) COMMENT 'acknowledged, extended, paused, resumed, pushed, set, removed (by people); configured, unconfigured (by the configuration file); tier, escalated, refused, throttled, critical, soft, expired (by the service)',
    budget       LowCardinality(String) COMMENT 'the budget; empty: it is about a run',
    window_start DateTime64(9, 'UTC') COMMENT 'when the window began that it is for; 1970: it has none',
    key          Array(String) COMMENT 'values of the dimensions that the budget counts one by one',
    amount       Decimal(38, 12) COMMENT 'in the unit of the budget: added to the limit, refused, spent beyond it; of a tier the percent',
    until        Nullable(DateTime64(9, 'UTC')) COMMENT 'when it ends; NULL: with the window, or when somebody says so',
    who          String COMMENT 'who did it',
    reason       String COMMENT 'why',
    trace_id     String COMMENT 'trace, 32 hex digits; empty: none' CODEC(ZSTD(1)),
    span_id      String COMMENT 'span, 16 hex digits; empty: none' CODEC(ZSTD(1)),
    detail       String COMMENT 'the decision as JSON; of a budget that is set, what it is and was' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (at, id)
