-- Work table: shared_records
-- Purpose: The records that may tell one call with another record: they do so with one of their path, share its response id, or
--          tell as a span what a log event or a file tells, and so on.
-- Grain: a record (trace_id, at)
-- Needs: joined_records, shared_responses, log_events
-- Columns:
--     trace_id String: trace of the record
--     span_id String: span of the record
--     at UInt32: index of the span
--     chain UInt64: records that share it tell one call on one path
--     level UInt32: how many records of the chain are above
--     response_hash UInt64: hash of the response id, 0: none
--     event_hash UInt64: hash of the session and counts where a record of another signal tells them too, 0: none
--     start_ns Int64: start of the span, ns since the epoch
--     end_ns Int64: its end
--     input Int64: tokens of the prompt, -1: not told, as all that follows
--     output Int64: tokens of the answer
--     cache_read Int64: tokens that came from a cache
--     cache_write Int64: tokens that were written to a cache
--     reasoning Int64: tokens of thought
--     emitter UInt64: hash of all that tells emitters apart
--     signal UInt8: 0 a span, 1 a log event, 4 kept in a file
--     model UInt64: hash of the model's plain name, 0: none
--     price UInt64: hash of the entry of the price book, 0: none
--     service UInt64: hash of the service
--     sender UInt64: hash of the sender
--     is_gateway Bool: a gateway's record
--     sender_is_gateway Bool: its sender is a gateway
--     tells_usage Bool: it says what was used, or what it costs
--     rank UInt32: as in `profile_lookup`
--     is_priced Bool: the cost is known
--     cost Decimal(38, 12): USD of what it used
--     charge UInt64: key in `charge_lookup`
--     tokens UInt64: input and output
WITH
    joined_records AS
    (
        SELECT trace_id, arrayJoin(joined) AS one, one.at AS at, one.top AS top, one.level AS level
        FROM {nested_records:Identifier}
    ),
    -- The signal of each record, by bits 12 and 14.
    (flag) -> bitAnd(bitShiftRight(flag, 12), 5) AS signal_of,
    -- Sessions and counts that records of two signals tell.
    events AS
    (
        SELECT one.1 AS id
        FROM
        (
            SELECT arrayJoin(arrayMap(
                (id, f) -> (id, signal_of(f)),
                arrayFilter((id, f) -> id != 0 AND bitTest(f, 2), span.event_hash, flags),
                arrayFilter((f, id) -> id != 0 AND bitTest(f, 2), flags, span.event_hash))) AS one
            FROM {trees:Identifier}
        )
        GROUP BY id
        HAVING min(one.2) != max(one.2)
    )
SELECT
    records.trace_id AS trace_id,
    records.one_span.2 AS span_id,
    records.nth AS at,
    cityHash64(records.trace_id, if(joined.top = 0, records.nth, joined.top)) AS chain,
    joined.level AS level,
    tupleElement(one_span, 'response_hash') AS response_hash,
    if(tupleElement(one_span, 'event_hash') IN (SELECT id FROM events), tupleElement(one_span, 'event_hash'), 0) AS event_hash,
    tupleElement(one_span, 'start_ns') AS start_ns,
    tupleElement(one_span, 'end_ns') AS end_ns,
    tupleElement(one_span, 'input') AS input,
    tupleElement(one_span, 'output') AS output,
    tupleElement(one_span, 'cache_read') AS cache_read,
    tupleElement(one_span, 'cache_write') AS cache_write,
    tupleElement(one_span, 'reasoning') AS reasoning,
    joinGet({profile_lookup:String}, 'emitter', tupleElement(one_span, 'profile')) AS emitter,
    toUInt8(signal_of(flag)) AS signal,
    joinGet({profile_lookup:String}, 'model', tupleElement(one_span, 'profile')) AS model,
    joinGet({profile_lookup:String}, 'price', tupleElement(one_span, 'profile')) AS price,
    one_service AS service,
    joinGet({profile_lookup:String}, 'sender', tupleElement(one_span, 'profile')) AS sender,
    bitTest(flag, 8) AS is_gateway,
    bitTest(flag, 11) AS sender_is_gateway,
    bitTest(flag, 10) OR tupleElement(one_span, 'tokens') > 0 AS tells_usage,
    joinGet({profile_lookup:String}, 'rank', tupleElement(one_span, 'profile')) AS rank,
    bitTest(flag, 7) AS is_priced,
    one_cost AS cost,
    one_charge AS charge,
    tupleElement(one_span, 'tokens') AS tokens
FROM
(
    SELECT trace_id, one_span, flag, toUInt32(nth_span) AS nth, one_service, one_cost, one_charge
    FROM {trees:Identifier}
    ARRAY JOIN
        span AS one_span, flags AS flag, arrayEnumerate(span) AS nth_span, service AS one_service, used_cost AS one_cost, charge AS one_charge
    WHERE bitTest(flag, 2)
        AND (
            tupleElement(one_span, 'response_hash') IN
            (
                SELECT id
                FROM
                (
                    SELECT arrayJoin(arrayFilter((id, f) -> id != 0 AND bitTest(f, 2), span.response_hash, flags)) AS id
                    FROM {trees:Identifier}
                )
                GROUP BY id
                HAVING count() > 1
            )
            OR tupleElement(one_span, 'event_hash') IN (SELECT id FROM events)
            OR (trace_id, nth) IN (SELECT trace_id, at FROM joined_records))
        AND (trace_id, nth) NOT IN (SELECT trace_id, arrayJoin(totals) FROM {nested_records:Identifier})
) AS records
LEFT ANY JOIN joined_records AS joined ON joined.trace_id = records.trace_id AND joined.at = records.nth
