-- Purpose: what the spans of the batch tell, as numbers: names and all else that many spans share are behind `profile`.
-- Grain:   trace.
-- Columns: s: its spans, ordered by (start_ns, span_id), so that "first" is the lowest index; names are hashed, 0 is none. counts hashes
--          input and output tokens, 0 where one is unknown. tags: of the spans that say who started the work, in order; links: of the
--          spans that have any.
CREATE TABLE {told:Identifier}
(
    trace_id String,
    dirty    Bool,
    round    UInt32,
    s        Array(Tuple(
                 start_ns Int64, span_id String, parent UInt64, end_ns Int64, name String, profile UInt64, cost Decimal(38, 12),
                 tokens UInt64, counts UInt64, response UInt64, tagged Bool)),
    tags     Array(Tuple(
                 start_ns Int64, span_id String, team String, department String, cost_center String, project String, environment String,
                 user String, session String, task String, workflow String)),
    links    Array(Tuple(span_id String, trace_ids Array(String), span_ids Array(String)))
)
ENGINE = Memory
