-- Purpose: The decisions of attribution about each trace: which spans are billed or why not, their initiators, agents and pools.
-- Grain: a trace; the highest version counts. An array with a comment in the singular has one element for each span, in the order of
--        (start, span_id). The view `decisions` reads it span by span.
-- Holds: amount is 0 unless billable. Every span of `span_records` whose trace is not pending is in the row of its trace. All rows of a
--        pass are inserted at once, under the pass's token, together with a row of trace '' that says so: this commits the pass. The table
--        has no partitions, because the parts of several partitions would not be stored at once.
CREATE TABLE IF NOT EXISTS attributions
(
    version         UInt64 COMMENT 'the pass that decided, ns since the epoch',
    trace_id        String COMMENT 'trace, 32 hex digits' CODEC(ZSTD(1)),
    abandoned       Bool COMMENT 'of trace empty: the pass was abandoned before it could commit',
    start_time      DateTime64(9, 'UTC') COMMENT 'when it began',
    end_time        DateTime64(9, 'UTC') COMMENT 'when it ended',
    cost            Decimal(38, 12) COMMENT 'USD billed',
    unpriced_spans  UInt32 COMMENT 'billed spans of unknown cost',
    spans           UInt32 COMMENT 'number of spans',
    orphans         UInt32 COMMENT 'spans that name a parent that is not there',
    cycles          UInt32 COMMENT 'loops of parent pointers',
    responses       Array(UInt64) COMMENT 'hashes of the response ids as they were when attributed',
    moved_from      Date COMMENT 'UTC day on which it began by the previous decision, where that is another one; 1970-01-01: it is the same',

    span_id         Array(String) COMMENT 'span',
    day             Array(Date) COMMENT 'day of the start in the configured zone',
    flags           Array(UInt16) COMMENT 'bits: 0 billed, 1 unbilled as an aggregate, 2 as a duplicate, 3 of unknown cost, 4 orphan, 5 first of a loop of parent pointers, 6 enters its agent, 7 enters one that is above it already, 8 an aggregate billed for what no call below it tells, 9 tells a call, 10 what it used has no known cost, 11 its cost is split by link',
    amount          Array(Decimal(38, 12)) COMMENT 'USD billed of the span',
    root            Array(UInt32) COMMENT 'local root, as an index into the spans',
    agent           Array(UInt32) COMMENT 'its agent, as an index into the agents',
    pool            Array(UInt32) COMMENT 'its shared agent, as an index into the agents; 0: none',
    initiator       Array(UInt32) COMMENT 'who started it, as an index into the initiators',
    use_ns          Array(UInt64) COMMENT 'how long the span took, of entries and local roots; 0 of others',
    tokens          Array(UInt64) COMMENT 'of billed spans',
    unobserved_at   Array(UInt32) COMMENT 'unbilled aggregates with a cost, as indices into the spans',
    unobserved      Array(Decimal(38, 12)) COMMENT 'what each reports beyond all that is billed or reported below it (R4)',
    called_at       Array(UInt32) COMMENT 'records whose call others tell too, as indices into the spans',
    call_id         Array(String) COMMENT 'the record at which each of these calls is billed: trace:span',
    sampled_factor  Decimal(38, 12) DEFAULT 1 COMMENT 'how many traces it stands for, by the threshold of its trace state; 1: not sampled',
    missing         Array(Tuple(day Date, initiator UInt32, reason Enum8('unpriced' = 1, 'unobserved' = 2, 'sampled' = 3), count Int64, tokens Int64, usd Decimal(38, 12))) COMMENT 'what the cost lacks; initiator is an index into the initiators (R15)',

    agents          Array(LowCardinality(String)) COMMENT 'the distinct agents of the trace',
    paths           Array(Array(UInt64)) COMMENT '64 agents an element: of each span the bits of the agents at or above it',
    -- The initiators of the trace.
    team            Array(LowCardinality(String)) COMMENT 'the team; empty: nobody was found',
    department      Array(LowCardinality(String)) COMMENT 'department of the team',
    cost_center     Array(LowCardinality(String)) COMMENT 'cost center of the team',
    project         Array(LowCardinality(String)) COMMENT 'project',
    environment     Array(LowCardinality(String)) COMMENT 'environment, such as production',
    user            Array(String) COMMENT 'user who started the work',
    session         Array(String) COMMENT 'hash of the session',
    task            Array(String) COMMENT 'the task',
    workflow        Array(LowCardinality(String)) COMMENT 'workflow that was started',
    initiator_source Array(LowCardinality(String)) COMMENT 'how the team was found: said, link, sender, trace, session, owner; empty: it was not',
    initiator_sender Array(LowCardinality(String)) COMMENT 'whose spans name the team',
    split           Array(Tuple(at UInt32, initiator UInt32, links UInt32)) COMMENT 'spans whose cost is split: index of the span, one of its initiators, and how many of its links lead there',
    senders         Array(LowCardinality(String)) COMMENT 'the distinct senders of the trace; none: there are no keys',
    sender          Array(UInt32) COMMENT 'who sent it, as an index into the senders; none: they are all of the first one',
    INDEX version version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY trace_id
SETTINGS index_granularity = 128, min_compress_block_size = 4096, non_replicated_deduplication_window = 10000
