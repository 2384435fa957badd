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
--     span_start_ns Array(Int64): start of each span, ns since the epoch
--     used Array(Decimal(38, 12)): USD billed of what the span used
--     fee Array(Decimal(38, 12)): USD billed of its own time
--     witnessed Array(Decimal(38, 12)): USD billed of what it says beyond the calls below it
--     charge Array(UInt64): hash of who bills the span, for which model and kind of cost
-- Holds: Blanks are filled in the order of R8: first from the trace itself, then from what it inherits over links, then from the owner of
--        the agent. Department and cost center then come from the organization. A trace without a task is its own task. The name of the
--        local root is the workflow where none is named.
WITH
    toUInt64(72057594037927936) AS draws,
    (values, at) -> arrayMap(i -> values[i], at) AS of,
    (own, linked) -> arrayMap((n, h) -> if(own[n] != '', own[n], linked[h]), nodes, link_place) AS filled,
    (own, known) -> arrayMap((x, t) -> if(x != '', x, transform(t, {teams:Array(String)}, known, '')), own, payers.1) AS organized
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
        (b, r, w, u, o, c, e, re, beyond, f, unknown) -> toUInt16(
            b + 2 * r + 4 * w + 8 * u + 16 * o + 32 * c + 64 * e + 128 * re + 256 * (beyond > 0) + 512 * bitTest(f, 2)
                + 1024 * unknown),
        billed, is_unbilled_aggregate, is_duplicate, unpriced, orphan, starts_loop, agent_entry, reentrant, witnessed, profile_flags,
        used_unpriced) AS flags,
    amount,
    root,
    agent,
    pool,
    arrayPopFront(arrayEnumerateDense(by_appearance)) AS initiator,
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
                    if(b, toInt64(round(toDecimal256(t, 0) / toDecimal256(draws - t, 0))), 0),
                    if(b, toInt64(toDecimal256(n, 0) * toDecimal256(t, 0) / toDecimal256(draws - t, 0)), 0),
                    CAST(toDecimal256(usd, 12) * toDecimal256(t, 0) / toDecimal256(draws - t, 0) AS Decimal(38, 12))),
                if(empty(sampled), [], billed), if(empty(sampled), [], day), if(empty(sampled), [], initiator),
                if(empty(sampled), [], tokens), if(empty(sampled), [], amount),
                if(
                    empty(sampled),
                    [],
                    arrayMap(
                        nth -> sampled.threshold[if(nth > length(sampled), 0, nth)],
                        arraySlice(arrayEnumerateDense(arrayConcat(sampled.span_id, span.span_id)), length(sampled) + 1)))))) AS missing,

    arrayMap(key -> joinGet({agent_lookup:String}, 'name', key), agents) AS agents,
    paths,
    payers.1 AS team,
    organized(payers.2, {departments:Array(String)}) AS department,
    organized(payers.3, {cost_centers:Array(String)}) AS cost_center,
    filled(own_project, inherited_project) AS project,
    filled(own_environment, inherited_environment) AS environment,
    filled(own_user, inherited_user) AS user,
    filled(own_session, inherited_session) AS session,
    arrayMap(t -> if(t != '', t, trace_id), filled(own_task, inherited_task)) AS task,
    arrayMap((w, i) -> if(w != '', w, span.name[root[i]]), filled(own_workflow, inherited_workflow), some_span) AS workflow,

    span.start_ns AS span_start_ns,
    used,
    fee,
    witnessed,
    charge
FROM
(
    SELECT
        *,
        arrayMap(
            (n, h, i) -> multiIf(
                (own_team[n], own_department[n], own_cost_center[n]) != ('', '', ''), (own_team[n], own_department[n], own_cost_center[n]),
                inherited_payers[h] != ('', '', ''), inherited_payers[h],
                (joinGet({agent_lookup:String}, 'owner', agents[owner[i]]), '', '')),
            nodes, link_place, some_span) AS payers,
        arrayMap((u, f, beyond) -> u + f + beyond, used, fee, witnessed) AS amount,
        arrayMap((u, f) -> u OR f, used_unpriced, fee_unknown) AS unpriced,
        arrayMap((b, paid, beyond) -> b OR paid OR beyond > 0, billable, has_own_time_price, witnessed) AS billed,
        -- Days are computed span by span only where midnight lies within the trace.
        toDate(fromUnixTimestamp64Nano(arrayMin(span.start_ns), 'UTC'), {timezone:String}) AS first_day,
        first_day = toDate(fromUnixTimestamp64Nano(arrayMax(span.start_ns), 'UTC'), {timezone:String}) AS is_one_day
    FROM
    (
        SELECT
            *,
            of(node, some_span) AS nodes,
            -- Roots that inherit over links are numbered before the others; see the stage of the trees.
            if(
                empty(inherited_roots),
                arrayMap(_ -> toUInt32(0), some_span),
                arrayMap(
                    nth -> if(nth > length(inherited_roots), 0, nth),
                    arraySlice(
                        arrayEnumerateDense(arrayConcat(inherited_roots, arrayMap(i -> span.span_id[root[i]], some_span))),
                        length(inherited_roots) + 1))) AS link_place
        FROM
        (
            SELECT
                * EXCEPT (number, appearances),
                arrayMap(i -> if(i = 1, first_root, i - 1), appearances) AS some_span
            FROM
            (
                SELECT
                    *,
                    arrayFilter((i, nth) -> nth = 1, arrayEnumerate(by_appearance), arrayEnumerateUniq(by_appearance)) AS appearances
                FROM
                (
                    SELECT
                        initiators.trace_id AS trace_id, span, initiators.flags AS profile_flags, sampled, tokens_used, called_at, call_id, is_witness, node, root, orphan, starts_loop, billable,
                        is_unbilled_aggregate, is_duplicate, has_own_time_price, agent, agent_entry, reentrant, pool, owner, agents, paths, charge, unobserved_at, unobserved,
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
                        initiators.team AS own_team,
                        initiators.department AS own_department,
                        initiators.cost_center AS own_cost_center,
                        initiators.project AS own_project,
                        initiators.environment AS own_environment,
                        initiators.user AS own_user,
                        initiators.session AS own_session,
                        initiators.task AS own_task,
                        initiators.workflow AS own_workflow,
                        inherited.roots AS inherited_roots,
                        inherited.payers AS inherited_payers,
                        inherited.project AS inherited_project,
                        inherited.environment AS inherited_environment,
                        inherited.user AS inherited_user,
                        inherited.session AS inherited_session,
                        inherited.task AS inherited_task,
                        inherited.workflow AS inherited_workflow,
                        -- Spans of one node, root and owner have one initiator. Initiators are numbered as they appear, that of the first root first.
                        toUInt32(arrayFirstIndex((r, i) -> r = i, root, arrayEnumerate(root))) AS first_root,
                        arrayMap((n, r, o) -> cityHash64(n, r, o), node, root, owner) AS number,
                        arrayPushFront(number, number[first_root]) AS by_appearance
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
                    LEFT ANY JOIN {own_time:Identifier} AS own_time ON own_time.trace_id = initiators.trace_id
                    LEFT ANY JOIN {linked_initiators:Identifier} AS inherited ON inherited.trace_id = initiators.trace_id
                )
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
