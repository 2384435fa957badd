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
--        near and have compatible counts or lie on one path. Records of two signals (a span, a log event, a file) of one session with equal
--        counts, of which but the file's has a response id, are of one call when they are of one model and end within 100 ms. Records of one
--        emitter that both tell usage and do not lie on one path never are, nor those of two senders that are no gateways: the earlier call keeps its records. One call can hold several ids.
WITH
    (a, b) -> a < 0 OR b < 0 OR abs(a - b) <= greatest(2, intDiv(greatest(a, b), 100)) AS agree,
    -- On one path, in one trace; within a chain by the level.
    (a, b) -> a.trace = b.trace
        AND (a.chain = b.chain OR b.first BETWEEN a.first AND a.last OR a.first BETWEEN b.first AND b.last) AS are_on_one_path,
    (a, b) -> a.trace = b.trace AND if(a.chain = b.chain, b.level > a.level, b.first > a.first AND b.first <= a.last) AS is_above,
    (a, b) -> if(a.service = b.service AND a.sender = b.sender, 10000000, 2000000000) AS tolerance_ns,
    (a, b) -> (a.sender = b.sender OR a.sender_is_gateway OR b.sender_is_gateway)
        AND (
            (a.id != 0 AND a.id = b.id AND a.start_ns <= b.end_ns + tolerance_ns(a, b) AND b.start_ns <= a.end_ns + tolerance_ns(a, b))
            -- Without a response id only records of two signals are one, that end within 100 ms: an event need not say when the call began.
            OR (a.event != 0 AND a.event = b.event AND a.signal != b.signal AND abs(a.end_ns - b.end_ns) <= 100000000
                AND (a.model = 0 OR b.model = 0 OR a.model = b.model OR (a.price != 0 AND a.price = b.price))))
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
    -- Of each place the lowest number that stands there, or in a pair with it, or in a pair with a place of that number.
    (own, of_pairs, pairs) -> arrayMap(
        x -> x.2,
        arrayFilter(
            (x, nth) -> nth = 1,
            arraySort(arrayConcat(
                arrayZip(arrayMap(n -> toUInt32(n), arrayEnumerate(own)), own),
                arrayMap((pair, n) -> (toUInt32(pair.1), n), pairs, of_pairs),
                arrayMap((pair, n) -> (toUInt32(pair.2), n), pairs, of_pairs),
                arrayMap((pair, n) -> (own[pair.1], n), pairs, of_pairs),
                arrayMap((pair, n) -> (own[pair.2], n), pairs, of_pairs))),
            arrayEnumerateUniq(arraySort(arrayConcat(
                arrayMap(n -> toUInt32(n), arrayEnumerate(own)),
                arrayMap(pair -> toUInt32(pair.1), pairs), arrayMap(pair -> toUInt32(pair.2), pairs),
                arrayMap(pair -> own[pair.1], pairs), arrayMap(pair -> own[pair.2], pairs)))))) AS lowest_of,
    -- Whether a call lasts until another one begins, so that they can be near; it is looked at no more where not.
    (one, next_one) -> next_one.1 <= one.2 + 2000000000 AS is_open,
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
    -- Chains that may be near: of a stretch, those that begin within its longest one and what clocks differ.
    timed AS
    (
        SELECT
            chain, first_id, stretch, first_record, outline,
            intDiv(
                outline.1 - min(outline.1) OVER of_stretch,
                2000000001 + max(outline.2 - outline.1) OVER of_stretch) AS slot
        FROM {chains:Identifier}
        WINDOW of_stretch AS (PARTITION BY first_id, stretch)
    ),
    near AS
    (
        SELECT own.first_id AS first_id, own.stretch AS stretch, own.chain AS chain, other.chain AS other_chain
        FROM timed AS own
        INNER JOIN (SELECT *, arrayJoin([slot, slot + 1]) AS slot_of_later FROM timed) AS other
            ON other.first_id = own.first_id AND other.stretch = own.stretch AND other.slot_of_later = own.slot
        WHERE (other.slot < own.slot OR other.chain < own.chain) AND may_tell_one(own.outline, other.outline)
    ),
    -- Which of them are one by themselves. No others are put together.
    alike AS
    (
        SELECT first_id, stretch, near.chain AS chain, near.other_chain AS other_chain
        FROM near
        INNER JOIN (SELECT chain, records FROM {chains:Identifier}) AS own ON own.chain = near.chain
        INNER JOIN (SELECT chain, records FROM {chains:Identifier}) AS other ON other.chain = near.other_chain
        WHERE any_tell_one(own.records, other.records) AND NOT any_tell_two(own.records, other.records)
    ),
    -- Chains that hang together through such pairs: each takes the lowest number of those beside it and of the chain whose number it has. Where
    -- they are not through after so many rounds, the stretch is one group.
    grouped AS
    (
        SELECT
            stretch_of.1 AS first_id, stretch_of.2 AS stretch,
            arrayJoin(arrayZip(members, if(arrayExists(pair -> numbers[pair.1] != numbers[pair.2], pairs), arrayMap(_ -> toUInt32(1), numbers), numbers))) AS one,
            one.1 AS chain,
            one.2 AS number
        FROM
        (
            SELECT
                stretch_of, members, pairs,
                arrayFold(
                    (own, _) -> arrayMap(
                        lowered -> arrayMap(n -> lowered[n], lowered),
                        [lowest_of(own, arrayMap(pair -> least(own[pair.1], own[pair.2]), pairs), pairs)])[1],
                    range(toUInt8(4 + 2 * ceil(log2(length(members) + 1)))),
                    arrayMap(n -> toUInt32(n), arrayEnumerate(members))) AS numbers
            FROM
            (
                SELECT
                    (first_id, stretch) AS stretch_of,
                    arrayDistinct(arrayConcat(groupArray(chain), groupArray(other_chain))) AS members,
                    arrayEnumerateDense(arrayConcat(members, groupArray(chain), groupArray(other_chain))) AS places,
                    arrayZip(arraySlice(places, length(members) + 1, count()), arraySlice(places, length(members) + count() + 1)) AS pairs
                FROM alike
                GROUP BY first_id, stretch
            )
        )
    ),
    -- In the order of time a chain joins the first call that it is one with, and brings in the later ones that it is one with too. Calls
    -- that were not one before the chain came do not become one by it, so what is touched is compared with all calls at once. What it can
    -- never be one with is not touched, and what is over is put aside.
    joined AS
    (
        SELECT arrayJoin(arrayConcat(arrayMap(one_call -> one_call.2, folded.1), folded.2)) AS one_call
        FROM
        (
            SELECT arrayFold(
                (state, one) -> arrayMap(
                    (found, over) -> (
                        arrayMap(
                            touched -> arraySort(
                                each -> each.1,
                                arrayMap(
                                    kept_and_one -> arrayPushBack(kept_and_one.1, kept_and_one.2),
                                    [arrayFold(
                                        (kept, other) -> if(
                                            any_tell_two(kept.2.3, other.3),
                                            (arrayPushBack(kept.1, other), kept.2),
                                            (
                                                kept.1,
                                                (
                                                    least(other.1, kept.2.1), arrayConcat(other.2, kept.2.2), arrayConcat(other.3, kept.2.3),
                                                    of_both(other.4, kept.2.4)))),
                                        arrayFilter((_, is_touched) -> is_touched, found, touched),
                                        (arrayFilter((_, is_touched) -> NOT is_touched, found, touched), one))])[1]),
                            [arrayMap(
                                (other, may_be) -> may_be AND any_tell_one(one.3, other.3) AND NOT any_tell_two(one.3, other.3),
                                found,
                                arrayMap(other -> may_tell_one(one.4, other.4), found))])[1],
                        arrayConcat(state.2, over)),
                    [arrayFilter(other -> is_open(other.4, one.4), state.1)],
                    [arrayMap(
                        other -> other.2,
                        arrayFilter(other -> NOT is_open(other.4, one.4) AND length(other.2) > 1, state.1))])[1],
                in_order,
                (arraySlice(in_order, 1, 0), CAST([], 'Array(Array(UInt64))'))) AS folded
            FROM
            (
                SELECT arraySort(each -> each.1, groupArray((first_record, [chain], records, outline))) AS in_order
                FROM grouped
                INNER JOIN {chains:Identifier} AS chains ON chains.chain = grouped.chain
                GROUP BY grouped.first_id, grouped.stretch, number
            )
        )
    ),
    called AS
    (
        SELECT
            *,
            if(of_chain.chain = 0, facts.chain, of_chain.call) AS call
        FROM facts
        LEFT ANY JOIN (SELECT arrayMin(one_call) AS call, arrayJoin(one_call) AS chain FROM joined) AS of_chain
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
