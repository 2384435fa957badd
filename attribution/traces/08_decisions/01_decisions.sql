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
--     responses Array(UInt64): hashes of the response ids
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
--     unobserved Array(Decimal(38, 12)): USD that each of them says beyond the sum below it
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
--     charge Array(UInt64): hash of who bills the span, for which model and kind of cost
SELECT
    trace_id,
    arrayMin(span.start_ns) AS start_ns,
    arrayMax(span.end_ns) AS end_ns,
    arraySum(amount) AS cost,
    toUInt32(arrayCount(u -> u, unpriced)) AS unpriced_spans,
    toUInt32(length(span)) AS spans,
    toUInt32(arrayCount(o -> o, orphan)) AS orphans,
    toUInt32(arrayCount(c -> c, starts_loop)) AS cycles,
    arrayFilter(id -> id != 0, span.response_hash) AS responses,

    span.span_id AS span_id,
    if(
        is_one_day,
        arrayMap(_ -> first_day, span),
        arrayMap(start -> toDate(fromUnixTimestamp64Nano(start, 'UTC'), {timezone:String}), span.start_ns)) AS day,
    arrayMap(
        (b, r, w, u, o, c, e, re, s) -> toUInt16(b + 2 * r + 4 * w + 8 * u + 16 * o + 32 * c + 64 * e + 128 * re + 256 * s),
        billed, is_unbilled_aggregate, is_duplicate, unpriced, orphan, starts_loop, agent_entry, reentrant,
        if(empty(split), arrayMap(_ -> false, span), arrayMap(i -> has(split.1, i), arrayEnumerate(span)))) AS flags,
    amount,
    root,
    agent,
    pool,
    initiator,
    arrayMap((e, r, i, start, end) -> if(e OR r = i, toUInt64(end - start), 0), agent_entry, root, arrayEnumerate(span), span.start_ns, span.end_ns) AS use_ns,
    arrayMap((b, n) -> if(b, n, 0), billable, span.tokens) AS tokens,
    arrayMap(i -> toUInt32(i), unobserved_at) AS unobserved_at,
    unobserved,

    arrayMap(key -> joinGet({agent_lookup:String}, 'name', key), agents) AS agents,
    paths,
    team, department, cost_center, project, environment, user, session, task, workflow, initiator_source, initiator_sender,
    split,
    arrayDistinct(span.sender) AS senders,
    if(length(senders) = 1, CAST([], 'Array(UInt32)'), arrayMap(nth -> toUInt32(nth), arrayEnumerateDense(span.sender))) AS sender,

    span.start_ns AS span_start_ns,
    used,
    fee,
    charge
FROM
(
    SELECT
        *,
        arrayMap((u, f) -> u + f, used, fee) AS amount,
        arrayMap((u, f) -> u OR f, used_unpriced, fee_unknown) AS unpriced,
        arrayMap((b, paid) -> b OR paid, billable, has_own_time_price) AS billed,
        -- Days are computed span by span only where midnight lies within the trace.
        toDate(fromUnixTimestamp64Nano(arrayMin(span.start_ns), 'UTC'), {timezone:String}) AS first_day,
        first_day = toDate(fromUnixTimestamp64Nano(arrayMax(span.start_ns), 'UTC'), {timezone:String}) AS is_one_day
    FROM
    (
        SELECT
            initiators.trace_id AS trace_id, span, root, orphan, starts_loop, billable,
            is_unbilled_aggregate, is_duplicate, has_own_time_price, agent, agent_entry, reentrant, pool, agents, paths, charge, unobserved_at,
            unobserved,
            initiators.amount AS used,
            initiators.unpriced AS used_unpriced,
            -- The cost of the own time is billed beside the cost of what was used.
            arrayResize(own_time.fee, length(span), toDecimal128(0, 12)) AS fee,
            arrayResize(own_time.unknown, length(span), 0) AS fee_unknown,
            initiator, split, team, department, cost_center, project, environment, user, session, task, workflow,
            initiator_source, initiator_sender
        FROM {initiators:Identifier} AS initiators
        INNER JOIN {found_initiators:Identifier} AS found ON found.trace_id = initiators.trace_id
        LEFT ANY JOIN {own_time:Identifier} AS own_time ON own_time.trace_id = initiators.trace_id
        WHERE initiators.to_attribute
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
