-- Work table: calls
-- Purpose: The calls that several records tell, in whatever traces (R1), and what is known of each (R4).
-- Grain: a call that several records tell (call)
-- Needs: shared_records
-- Columns:
--     call UInt64: number of the call
--     records Array(Tuple(trace_id String, span_id String, at UInt32, trace UInt64, chain UInt64, level UInt32, first Int64, last Int64,
--         start_ns Int64, is_gateway Bool, rank UInt32, is_priced Bool, cost Decimal(38, 12), charge UInt64, tokens UInt64)): its records in
--         the order of time
--     is_priced Bool: its cost is known
--     tells_usage Bool: a record says what was used, or what it costs
--     cost Decimal(38, 12): USD, by the record that knows most
--     charge UInt64: key in `charge_lookup`, by that record
--     tokens UInt64: input and output, by that record
-- Holds: Records of one path are joined before (nested_records). Of the records that share a response id two are of one call when they are
--        near and have compatible counts or lie on one path. A log event and a span of one session with equal counts, both without a response
--        id, are of one call when they are of one model and end within 100 ms. Records of one emitter that both tell usage and do not lie
--        on one path never are, nor those of two senders that are no gateways: the earlier call keeps its records. One call can hold several ids; up to five, one from the other, are followed.
WITH
    (a, b) -> a < 0 OR b < 0 OR abs(a - b) <= greatest(2, intDiv(greatest(a, b), 100)) AS agree,
    -- On one path, in one trace; within a chain by the level.
    (a, b) -> a.trace = b.trace
        AND (a.chain = b.chain OR b.first BETWEEN a.first AND a.last OR a.first BETWEEN b.first AND b.last) AS are_on_one_path,
    (a, b) -> a.trace = b.trace AND if(a.chain = b.chain, b.level > a.level, b.first > a.first AND b.first <= a.last) AS is_above,
    (a, b) -> if(a.service = b.service AND a.sender = b.sender, 10000000, 2000000000) AS tolerance_ns,
    (a, b) -> a.id != 0 AND a.id = b.id AND (a.sender = b.sender OR a.sender_is_gateway OR b.sender_is_gateway)
        -- Without a response id only a log event and a span are one, that end within 100 ms: an event need not say when the call began.
        AND if(
            a.is_event AND b.is_event,
            a.is_log != b.is_log AND abs(a.end_ns - b.end_ns) <= 100000000
                AND (a.model = 0 OR b.model = 0 OR a.model = b.model OR (a.price != 0 AND a.price = b.price)),
            a.start_ns <= b.end_ns + tolerance_ns(a, b) AND b.start_ns <= a.end_ns + tolerance_ns(a, b))
        AND (
            are_on_one_path(a, b)
            OR (agree(a.input, b.input) AND agree(a.output, b.output) AND agree(a.cache_read, b.cache_read)
                AND agree(a.cache_write, b.cache_write) AND agree(a.reasoning, b.reasoning))) AS tell_one_call,
    -- What a gateway tells is a call of one sender (R16).
    (a, b) -> (a.emitter = b.emitter AND a.tells_usage AND b.tells_usage AND NOT are_on_one_path(a, b))
        OR (a.sender != b.sender AND NOT a.sender_is_gateway AND NOT b.sender_is_gateway) AS tell_two_calls,
    (these, those) -> arrayExists(a -> arrayExists(b -> tell_one_call(a, b), those), these) AS any_tell_one,
    (these, those) -> arrayExists(a -> arrayExists(b -> tell_two_calls(a, b), those), these) AS any_tell_two,
    -- By their outlines most chains and calls are told apart. A call of several chains has neither one emitter nor one place.
    (one, other) -> one.1 <= other.2 + 2000000000 AND other.1 <= one.2 + 2000000000
        AND (one.3 = 0 OR other.3 = 0 OR one.3 != other.3
            OR (one.4 = other.4 AND (one.5.1 BETWEEN other.5.1 AND other.5.2 OR other.5.1 BETWEEN one.5.1 AND one.5.2))) AS may_tell_one,
    (one, other) -> (least(one.1, other.1), greatest(one.2, other.2), toUInt64(0), toUInt64(0), (toInt64(0), toInt64(0))) AS of_both,
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
        SELECT DISTINCT chain, response_hash AS id
        FROM {shared_records:Identifier}
        WHERE response_hash IN
            (
                -- Where one emitter told all with usage, in a trace each, they are as many calls.
                SELECT response_hash FROM {shared_records:Identifier}
                WHERE response_hash != 0
                GROUP BY response_hash
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
            -- From when to when it lasts, its emitter where one told all of it with usage, its trace, and where its topmost record lies.
            (
                earliest.1, until_ns, if(min(emitter) = max(emitter) AND min(tells_usage), any(emitter), 0), cityHash64(any(facts.trace_id)),
                min((facts.first, facts.last))
            ) AS outline,
            groupArray(CAST(
                (
                    response_hash, cityHash64(trace_id), facts.chain, first, last, start_ns, end_ns, input, output, cache_read, cache_write,
                    reasoning, emitter, service, sender, tells_usage, sender_is_gateway, is_event, is_log, model, price
                ),
                'Tuple(id UInt64, trace UInt64, chain UInt64, first Int64, last Int64, start_ns Int64, end_ns Int64, input Int64, output Int64, cache_read Int64, cache_write Int64, reasoning Int64, emitter UInt64, service UInt64, sender UInt64, tells_usage Bool, sender_is_gateway Bool, is_event Bool, is_log Bool, model UInt64, price UInt64)')) AS records
        FROM facts
        INNER JOIN (SELECT chain, min(lowest) AS lowest FROM lowest_3 GROUP BY chain) AS ids ON ids.chain = facts.chain
        GROUP BY facts.chain
    ),
    -- What begins after all before it has ended, and longer than clocks differ, is not near to any of them.
    stretches AS
    (
        SELECT
            *,
            sum(begins) OVER (PARTITION BY lowest ORDER BY earliest) AS stretch
        FROM
        (
            SELECT
                *,
                earliest.1 > 2000000000 + max(until_ns) OVER (PARTITION BY lowest ORDER BY earliest ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    AS begins
            FROM chains
        )
    ),
    -- In the order of time a chain joins the first call that it is one with, and brings in the later ones that it is one with too. Calls
    -- that were not one before the chain came do not become one by it, so what is touched is compared with all calls at once. What it can
    -- never be one with is not touched: where a server repeats an id, nearly all.
    joined AS
    (
        SELECT arrayJoin(arrayFold(
            (found, one) -> arrayMap(
                touched -> arraySort(
                    each -> each.1,
                    arrayMap(
                        kept_and_one -> arrayPushBack(kept_and_one.1, kept_and_one.2),
                        [arrayFold(
                            (state, other) -> if(
                                any_tell_two(state.2.3, other.3),
                                (arrayPushBack(state.1, other), state.2),
                                (state.1, (least(other.1, state.2.1), arrayConcat(other.2, state.2.2), arrayConcat(other.3, state.2.3), of_both(other.4, state.2.4)))),
                            arrayFilter((_, is_touched) -> is_touched, found, touched),
                            (arrayFilter((_, is_touched) -> NOT is_touched, found, touched), one))])[1]),
                [arrayMap(
                    (other, may_be) -> may_be AND any_tell_one(one.3, other.3) AND NOT any_tell_two(one.3, other.3),
                    found,
                    arrayMap(other -> may_tell_one(one.4, other.4), found))])[1],
            in_order,
            arraySlice(in_order, 1, 0))) AS one_call
        FROM
        (
            SELECT arraySort(each -> each.1, groupArray((earliest, [chain], records, outline))) AS in_order
            FROM stretches
            GROUP BY lowest, stretch
        )
    ),
    called AS
    (
        SELECT
            *,
            if(of_chain.chain = 0, facts.chain, of_chain.call) AS call
        FROM facts
        LEFT ANY JOIN (SELECT arrayMin(one_call.2) AS call, arrayJoin(one_call.2) AS chain FROM joined) AS of_chain
            ON of_chain.chain = facts.chain
    )
SELECT
    call,
    records,
    knowing.is_priced AS is_priced,
    tells_usage,
    knowing.cost AS cost,
    knowing.charge AS charge,
    knowing.tokens AS tokens
FROM
(
    SELECT
        *,
        arrayFilter(a -> a.rank = arrayMax(records.rank), records) AS know_most,
        arrayFilter(a -> NOT arrayExists(b -> is_above(a, b), know_most), know_most)[1] AS knowing
    FROM
    (
        SELECT
            call,
            max(tells_usage) AS tells_usage,
            arraySort(r -> (r.start_ns, r.trace_id, r.span_id), groupArray(CAST(
                (
                    trace_id, span_id, at, cityHash64(trace_id), called.chain, level, first, last, start_ns,
                    is_gateway, rank, is_priced, cost, charge, tokens
                ),
                'Tuple(trace_id String, span_id String, at UInt32, trace UInt64, chain UInt64, level UInt32, first Int64, last Int64, start_ns Int64, is_gateway Bool, rank UInt32, is_priced Bool, cost Decimal(38, 12), charge UInt64, tokens UInt64)'))) AS records
        FROM called
        GROUP BY call
        HAVING count() > 1
    )
)
