-- Work table: decisions
-- Purpose: The decision about every trace that is to be attributed, as it is stored, and the columns that its postings are made of.
-- Grain: a trace (trace_id); columns are arrays over its spans, its agents or its initiators, as in `attributions`
-- Columns:
--     trace_id String: the trace
--     start_ns Int64: start of its first span, ns since the epoch
--     end_ns Int64: end of its last span
--     cost Decimal(38, 12): USD billed
--     unpriced_spans UInt32: billed spans of unknown cost
--     spans UInt32: spans of the trace
--     orphans UInt32: spans that name a parent that is not there
--     cycles UInt32: loops of parent pointers
--     responses Array(UInt64): hashes of the response ids, and of the sessions and counts of calls without one
--     span_id Array(String): ids of the spans, in the order of (start, span_id)
--     day Array(Date): day of the start in the configured zone
--     flags Array(UInt16): bits, as in `attributions`
--     amount Array(Decimal(38, 12)): USD billed of the span
--     root Array(UInt32): index of the local root
--     agent Array(UInt32): index into `agents`
--     pool Array(UInt32): index of the pool in `agents`, 0: none
--     initiator Array(UInt32): index into the initiators
--     use_ns Array(UInt64): duration of entries and local roots, 0 of others
--     tokens Array(UInt64): tokens of billed spans
--     unobserved_at Array(UInt32): indices of the unbilled aggregates with a cost
--     unobserved Array(Decimal(38, 12)): USD that each of them says beyond all that is billed or said below it
--     called_at Array(UInt32): indices of the records whose call others tell too
--     call_id Array(String): the home record of each of these calls
--     sampled_factor Decimal(38, 12): how many traces the trace stands for, 1: it was not sampled
--     missing Array(Tuple(day Date, initiator UInt32, reason Enum8('unpriced' = 1, 'unobserved' = 2, 'sampled' = 3), count Int64,
--         tokens Int64, usd Decimal(38, 12))): what the cost lacks (R15); a reason can stand there several times
--     agents Array(String): the distinct agents
--     paths Array(Array(UInt64)): of each 64 agents: for every span the bits of the agents at or above it
--     team Array(String): team of each initiator
--     department Array(String): department of each initiator
--     cost_center Array(String): cost_center of each initiator
--     project Array(String): project of each initiator
--     environment Array(String): environment of each initiator
--     user Array(String): user of each initiator
--     session Array(String): session of each initiator
--     task Array(String): task of each initiator
--     workflow Array(String): workflow of each initiator
--     initiator_source Array(String): how the team of each initiator was found
--     initiator_sender Array(String): whose spans name the team of each initiator
--     split Array(Tuple(at UInt32, initiator UInt32, links UInt32)): as in `found_initiators`
--     senders Array(String): the senders of the trace
--     sender Array(UInt32): sender of each span, as an index into the senders; empty: there is one
--     span_start_ns Array(Int64): start of each span, ns since the epoch
--     used Array(Decimal(38, 12)): USD billed of what the span used
--     fee Array(Decimal(38, 12)): USD billed of its own time
--     witnessed Array(Decimal(38, 12)): USD billed of what it says beyond the calls below it
--     charge Array(UInt64): hash of who bills the span, for which model and kind of cost
WITH
    toUInt64(72057594037927936) AS draws,
    -- Of places in a list: whether each index is among them. Places are numbered before the indices; see the stage of the trees.
    (places, indices) -> if(
        empty(places),
        arrayMap(_ -> false, indices),
        arrayMap(
            nth -> nth <= length(arrayDistinct(places)),
            arraySlice(arrayEnumerateDense(arrayConcat(arrayDistinct(places), indices)), length(arrayDistinct(places)) + 1))) AS is_among
SELECT
    trace_id,
    arrayMin(span.start_ns) AS start_ns,
    arrayMax(span.end_ns) AS end_ns,
    arraySum(amount) AS cost,
    toUInt32(arrayCount(u -> u, unpriced)) AS unpriced_spans,
    toUInt32(length(span)) AS spans,
    toUInt32(arrayCount(o -> o, orphan)) AS orphans,
    toUInt32(arrayCount(c -> c, starts_loop)) AS cycles,
    arrayFilter(id -> id != 0, arrayConcat(span.response_hash, span.event_hash)) AS responses,

    span.span_id AS span_id,
    if(
        is_one_day,
        arrayMap(_ -> first_day, span),
        arrayMap(start -> toDate(fromUnixTimestamp64Nano(start, 'UTC'), {timezone:String}), span.start_ns)) AS day,
    arrayMap(
        (b, r, w, u, o, c, e, re, beyond, f, unknown, s) -> toUInt16(
            b + 2 * r + 4 * w + 8 * u + 16 * o + 32 * c + 64 * e + 128 * re + 256 * (beyond > 0) + 512 * bitTest(f, 2)
                + 1024 * unknown + 2048 * s),
        billed, is_unbilled_aggregate, is_duplicate, unpriced, orphan, starts_loop, agent_entry, reentrant, witnessed, profile_flags,
        used_unpriced, is_among(split.1, arrayEnumerate(span))) AS flags,
    amount,
    root,
    agent,
    pool,
    initiator,
    arrayMap((e, r, i, start, end) -> if(e OR r = i, toUInt64(end - start), 0), agent_entry, root, arrayEnumerate(span), span.start_ns, span.end_ns) AS use_ns,
    arrayMap((b, n) -> if(b, n, 0), billable, tokens_used) AS tokens,
    unobserved_at,
    unobserved,
    arrayMap(i -> toUInt32(i), called_at) AS called_at,
    call_id,
    if(
        empty(sampled),
        toDecimal128(1, 12),
        CAST(toDecimal256(draws, 12) / toDecimal256(draws - arrayMax(sampled.threshold), 0) AS Decimal(38, 12))) AS sampled_factor,
    CAST(
        arrayConcat(
            arrayFilter(
                lack -> lack.2 > 0,
                arrayMap(
                    (u, d, by, n) -> (d, if(u, by, 0), 'unpriced', toInt64(1), toInt64(n), toDecimal128(0, 12)),
                    if(unpriced_spans = 0, [], unpriced), if(unpriced_spans = 0, [], day), if(unpriced_spans = 0, [], initiator),
                    if(unpriced_spans = 0, [], tokens))),
            arrayFilter(
                lack -> lack.6 > 0,
                arrayMap(
                    (i, usd, is_paid) -> (
                        day[i], initiator[i], 'unobserved', toInt64(1), toInt64(0), if(is_paid, toDecimal128(0, 12), usd)),
                    unobserved_at, unobserved, is_witness)),
            arrayFilter(
                lack -> lack.4 > 0 OR lack.6 > 0,
                arrayMap(
                    (b, d, by, n, usd, t) -> (
                        d, by, 'sampled',
                        if(b, toInt64(intDiv(draws + t, 2 * (draws - t))), 0), -- rounded: a division of whole decimals cuts
                        if(b, toInt64(toDecimal256(n, 0) * toDecimal256(t, 0) / toDecimal256(draws - t, 0)), 0),
                        CAST(toDecimal256(usd, 12) * toDecimal256(t, 0) / toDecimal256(draws - t, 0) AS Decimal(38, 12))),
                    if(empty(sampled), [], billed), if(empty(sampled), [], day), if(empty(sampled), [], initiator),
                    if(empty(sampled), [], tokens), if(empty(sampled), [], amount),
                    if(
                        empty(sampled),
                        [],
                        arrayMap(
                            nth -> sampled.threshold[if(nth > length(sampled), 0, nth)],
                            arraySlice(
                                arrayEnumerateDense(arrayConcat(sampled.span_id, span.span_id), arrayConcat(sampled.sender, span.sender)),
                                length(sampled) + 1)))))),
        'Array(Tuple(day Date, initiator UInt32, reason Enum8(\'unpriced\' = 1, \'unobserved\' = 2, \'sampled\' = 3), count Int64, tokens Int64, usd Decimal(38, 12)))') AS missing,

    arrayMap(key -> joinGet({agent_lookup:String}, 'name', key), agents) AS agents,
    paths,
    team, department, cost_center, project, environment, user, session, task, workflow, initiator_source, initiator_sender,
    split,
    arrayDistinct(span.sender) AS senders,
    if(length(senders) = 1, CAST([], 'Array(UInt32)'), arrayMap(nth -> toUInt32(nth), arrayEnumerateDense(span.sender))) AS sender,

    span.start_ns AS span_start_ns,
    used,
    fee,
    witnessed,
    charge
FROM
(
    SELECT
        *,
        arrayMap((u, f, beyond) -> u + f + beyond, used, fee, witnessed) AS amount,
        arrayMap((u, f) -> u OR f, used_unpriced, fee_unknown) AS unpriced,
        arrayMap((b, paid, beyond) -> b OR paid OR beyond > 0, billable, has_own_time_price, witnessed) AS billed,
        -- Days are computed span by span only where midnight lies within the trace.
        toDate(fromUnixTimestamp64Nano(arrayMin(span.start_ns), 'UTC'), {timezone:String}) AS first_day,
        first_day = toDate(fromUnixTimestamp64Nano(arrayMax(span.start_ns), 'UTC'), {timezone:String}) AS is_one_day
    FROM
    (
        SELECT
            initiators.trace_id AS trace_id, span, initiators.flags AS profile_flags, sampled, tokens_used, called_at, call_id, is_witness, root, orphan,
            starts_loop, billable, is_unbilled_aggregate, is_duplicate, has_own_time_price, agent, agent_entry, reentrant, pool, agents, paths,
            charge, unobserved_at, unobserved,
            initiators.amount AS used,
            initiators.unpriced AS used_unpriced,
            -- What an aggregate says beyond is billed beside the calls below it where it is their only witness.
            if(
                has(is_witness, 1),
                arrayMap(
                    nth -> if(nth > length(unobserved_at) OR NOT is_witness[nth], toDecimal128(0, 12), unobserved[nth]),
                    arraySlice(arrayEnumerateDense(arrayConcat(unobserved_at, arrayEnumerate(span))), length(unobserved_at) + 1)),
                arrayMap(_ -> toDecimal128(0, 12), span)) AS witnessed,
            -- The cost of the own time is billed beside the cost of what was used.
            arrayResize(own_time.fee, length(span), toDecimal128(0, 12)) AS fee,
            arrayResize(own_time.unknown, length(span), 0) AS fee_unknown,
            -- Records of one call have one initiator; those that are not their own stand after the others.
            if(
                empty(of_calls.at),
                found.initiator,
                arrayMap(
                    (own, nth) -> if(nth > length(of_calls.at), own, toUInt32(length(found.team) + nth)),
                    found.initiator,
                    arraySlice(
                        arrayEnumerateDense(arrayConcat(of_calls.at, arrayMap(i -> toUInt32(i), arrayEnumerate(span)))),
                        length(of_calls.at) + 1))) AS initiator,
            arrayFilter((one, is_told) -> NOT is_told, found.split, is_among(of_calls.at, found.split.1)) AS split,
            arrayConcat(found.team, of_calls.who.1) AS team,
            arrayConcat(found.department, of_calls.who.2) AS department,
            arrayConcat(found.cost_center, of_calls.who.3) AS cost_center,
            arrayConcat(found.project, of_calls.who.4) AS project,
            arrayConcat(found.environment, of_calls.who.5) AS environment,
            arrayConcat(found.user, of_calls.who.6) AS user,
            arrayConcat(found.session, of_calls.who.7) AS session,
            arrayConcat(found.task, of_calls.who.8) AS task,
            arrayConcat(found.workflow, of_calls.who.9) AS workflow,
            arrayConcat(found.initiator_source, of_calls.who.10) AS initiator_source,
            arrayConcat(found.initiator_sender, of_calls.who.11) AS initiator_sender
        FROM
        (
                -- Where a call is told by several records, its home record has what is billed.
                SELECT
                    * EXCEPT (called, nth_called)
                    REPLACE
                    (
                        if(empty(called), billable, arrayMap((own, nth) -> if(nth = 0, own, called.2[nth]), billable, nth_called)) AS billable,
                        if(empty(called), is_duplicate, arrayMap((own, nth) -> if(nth = 0, own, NOT called.2[nth]), is_duplicate, nth_called))
                            AS is_duplicate,
                        if(
                            empty(called),
                            unpriced,
                            arrayMap((own, nth) -> if(nth = 0, own, called.2[nth] AND NOT called.3[nth]), unpriced, nth_called)) AS unpriced,
                        if(
                            empty(called),
                            amount,
                            arrayMap(
                                (own, nth) -> multiIf(nth = 0, own, called.2[nth] AND called.3[nth], called.4[nth], toDecimal128(0, 12)),
                                amount, nth_called)) AS amount,
                        if(
                            empty(called),
                            charge,
                            arrayMap((own, nth) -> if(nth > 0 AND called.2[nth], called.5[nth], own), charge, nth_called)) AS charge
                    ),
                    if(
                        empty(called),
                        span.tokens,
                        arrayMap((own, nth) -> if(nth = 0, own, called.6[nth]), span.tokens, nth_called)) AS tokens_used,
                    called.1 AS called_at,
                    called.7 AS call_id
                FROM
                (
                    SELECT
                        initiators.*,
                        homes.called AS called,
                        if(
                            empty(called),
                            [],
                            arrayMap(
                                nth -> if(nth > length(called), 0, nth),
                                arraySlice(arrayEnumerateDense(arrayConcat(called.1, arrayEnumerate(span))), length(called) + 1))) AS nth_called
                    FROM {initiators:Identifier} AS initiators
                    LEFT ANY JOIN {homes:Identifier} AS homes ON homes.trace_id = initiators.trace_id
                    WHERE initiators.to_attribute
                )
        ) AS initiators
        INNER JOIN {found_initiators:Identifier} AS found ON found.trace_id = initiators.trace_id
        LEFT ANY JOIN {call_initiators:Identifier} AS of_calls ON of_calls.trace_id = initiators.trace_id
        LEFT ANY JOIN {own_time:Identifier} AS own_time ON own_time.trace_id = initiators.trace_id
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
