-- Work table: chains
-- Purpose: The chains of records that share a response id, or session and counts, with another chain, and which of them lie in one stretch of time (R1).
-- Grain: a chain that shares an id (chain)
-- Needs: several_chains
-- Columns:
--     chain UInt64: number of the chain
--     first_id UInt64: the lowest of its ids, of those of the chains that share one of these, and so on: up to five, one from the other
--     stretch UInt64: of the chains with the same `first_id`, those of one stretch of time
--     first_record Tuple(start_ns Int64, trace_id String, span_id String): its first record
--     outline Tuple(Int64, Int64, UInt64, UInt64, Tuple(Int64, Int64)): when it begins and ends, ns since the epoch,
--         its emitter where one told all of it with usage, its trace, and where its topmost record lies
--     records Array(Tuple(id UInt64, event UInt64, trace UInt64, chain UInt64, first Int64, last Int64, start_ns Int64, end_ns Int64, input Int64,
--         output Int64, cache_read Int64, cache_write Int64, reasoning Int64, emitter UInt64, service UInt64, sender UInt64, tells_usage Bool,
--         sender_is_gateway Bool, signal UInt8, model UInt64, price UInt64)): its records
-- Holds: What begins after all before it has ended, and longer than clocks differ, is not near to any of them.
WITH
    facts AS
    (
        SELECT
            shared.*,
            if(paths.at = 0, toInt64(0), paths.first) AS first,
            if(paths.at = 0, toInt64(-1), paths.last) AS last
        FROM {shared_records:Identifier} AS shared
        LEFT ANY JOIN
        (
            SELECT trace_id, toUInt32(nth) AS at, place AS first, until AS last
            FROM {record_paths:Identifier}
            ARRAY JOIN arrayEnumerate(first) AS nth, first AS place, last AS until
        ) AS paths ON paths.trace_id = shared.trace_id AND paths.at = shared.at
    ),
    linking AS
    (
        SELECT DISTINCT chain, id
        FROM {shared_records:Identifier}
        ARRAY JOIN [response_hash, event_hash] AS id
        WHERE id IN
            (
                -- Where one emitter told all with usage, in a trace each, they are as many calls.
                SELECT id FROM {shared_records:Identifier} ARRAY JOIN [response_hash, event_hash] AS id
                WHERE id != 0
                GROUP BY id
                HAVING min(chain) != max(chain)
                    AND (min(emitter) != max(emitter) OR NOT min(tells_usage) OR uniqExact(trace_id) < uniqExact(chain))
            )
    ),
    -- The lowest id among those of a chain, of the chains that share one of these, and so on.
    lowest_1 AS (SELECT chain, id, min(of_chain) OVER (PARTITION BY id) AS lowest
        FROM (SELECT chain, id, min(id) OVER (PARTITION BY chain) AS of_chain FROM linking)),
    lowest_2 AS (SELECT chain, id, min(of_chain) OVER (PARTITION BY id) AS lowest
        FROM (SELECT chain, id, min(lowest) OVER (PARTITION BY chain) AS of_chain FROM lowest_1)),
    lowest_3 AS (SELECT chain, id, min(of_chain) OVER (PARTITION BY id) AS lowest
        FROM (SELECT chain, id, min(lowest) OVER (PARTITION BY chain) AS of_chain FROM lowest_2)),
    chains AS
    (
        SELECT
            facts.chain AS chain,
            any(ids.lowest) AS lowest,
            min((start_ns, trace_id, span_id)) AS earliest,
            max(end_ns) AS until_ns,
            (
                earliest.1, until_ns, if(min(emitter) = max(emitter) AND min(tells_usage), any(emitter), 0), cityHash64(any(facts.trace_id)),
                min((facts.first, facts.last))
            ) AS outline,
            groupArray((
                    response_hash, event_hash, cityHash64(trace_id), facts.chain, first, last, start_ns, end_ns, input, output, cache_read, cache_write,
                    reasoning, emitter, service, sender, tells_usage, sender_is_gateway, signal, model, price)) AS records
        FROM facts
        INNER JOIN (SELECT chain, min(lowest) AS lowest FROM lowest_3 GROUP BY chain) AS ids ON ids.chain = facts.chain
        GROUP BY facts.chain
    )
SELECT
    chain,
    lowest AS first_id,
    sum(begins) OVER (PARTITION BY lowest ORDER BY earliest) AS stretch,
    earliest AS first_record,
    outline,
    records
FROM
(
    SELECT
        *,
        earliest.1 > 2000000000 + max(until_ns) OVER (PARTITION BY lowest ORDER BY earliest ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            AS begins
    FROM chains
)
