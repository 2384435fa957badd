-- Purpose: Every trace at a glance, ordered by the day on which it begins.
-- Grain: a trace, once rows of one key are merged (FINAL): the highest version counts.
-- Holds: It holds what committed passes decided. If a trace now begins on another day, a row on its previous day says so.
CREATE TABLE IF NOT EXISTS trace_days
(
    version        UInt64 COMMENT 'the pass that decided, ns since the epoch',
    has_moved      UInt8 COMMENT 'it begins on another day by now',
    start_time     DateTime64(9, 'UTC') COMMENT 'when it began',
    end_time       DateTime64(9, 'UTC') COMMENT 'when it ended',
    trace_id       String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    spans          UInt32 COMMENT 'number of spans',
    team           LowCardinality(String) COMMENT 'of its first local root, as all that follows of who started it',
    user           String COMMENT 'user who started the work' CODEC(ZSTD(1)),
    task           String COMMENT 'the task' CODEC(ZSTD(1)),
    workflow       LowCardinality(String) COMMENT 'workflow that was started',
    cost           Decimal(38, 12) COMMENT 'USD billed',
    unpriced_spans UInt32 COMMENT 'billed spans of unknown cost',
    orphans        UInt32 COMMENT 'spans that name a parent that is not there',
    cycles         UInt32 COMMENT 'loops of parent pointers',
    unobserved     Decimal(38, 12) COMMENT 'USD that totals tell beyond all that is billed',
    sampled_factor Decimal(38, 12) DEFAULT 1 COMMENT 'how many traces it stands for; 1: not sampled',
    INDEX trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, has_moved)
ORDER BY (toDate(start_time), trace_id)
