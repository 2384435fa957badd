-- Work table: previous_decisions
-- Purpose: The previous decisions about the traces of the pass.
-- Grain: a trace that was attributed before (trace_id); columns as in `decisions`
-- Columns:
--     trace_id String: the trace
--     began Date: UTC day on which it began
--     day Array(Date): day of the start in the configured zone
--     flags Array(UInt16): bits, as in `attributions`
--     amount Array(Decimal(38, 12)): USD billed of the span
--     root Array(UInt32): index of the local root
--     agent Array(UInt32): index into `agents`
--     pool Array(UInt32): index of the pool in `agents`, 0: none
--     initiator Array(UInt32): index into the initiators
--     use_ns Array(UInt64): duration of entries and local roots, 0 of others
--     tokens Array(UInt64): tokens of billed spans
--     agents Array(LowCardinality(String)): the distinct agents
--     paths Array(Array(UInt64)): of each 64 agents: for every span the bits of the agents at or above it
--     team Array(LowCardinality(String)): team of each initiator
--     task Array(String): task of each initiator
--     split Array(Tuple(at UInt32, initiator UInt32, links UInt32)): spans whose cost is split by link
--     missing Array(Tuple(day Date, initiator UInt32, reason Enum8('unpriced' = 1, 'unobserved' = 2, 'sampled' = 3), count Int64,
--         tokens Int64, usd Decimal(38, 12))): what the cost lacks
--     initiator_source Array(LowCardinality(String)): how the team of each initiator was found
--     initiator_sender Array(LowCardinality(String)): whose spans name it
--     senders Array(LowCardinality(String)): the senders of the trace
--     sender Array(UInt32): sender of each span, as an index into the senders; empty: there is one
SELECT
    trace_id, toDate(start_time) AS began, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task, split,
    missing, initiator_source, initiator_sender, senders, sender
FROM attributions FINAL
PREWHERE trace_id IN (SELECT trace_id FROM {decisions:Identifier})
