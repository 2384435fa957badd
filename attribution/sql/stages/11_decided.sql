-- Purpose: the decision on every dirty trace, as it is stored, and what its billed spans are posted by.
-- Grain:   trace; columns are arrays over its spans, or over its agents or initiators, as in `attributions`.
-- Columns: used: what is billed of what the span used; fee: of its own time; USD; charge: hash of what it is charged for.
-- Holds:   blanks are filled in the order of R8: the trace itself, what its links bring, the owner of its agent; then department
--          and cost center from the organization, the trace as the task, the root's name as the workflow.
CREATE TABLE {decided:Identifier} ENGINE = Memory AS
WITH
    (values, at) -> arrayMap(i -> values[i], at) AS of,
    (own, brought) -> arrayMap((n, h) -> if(own[n] != '', own[n], brought[h]), nodes, heirs) AS filled,
    (own, known) -> arrayMap((x, t) -> if(x != '', x, transform(t, {teams:Array(String)}, known, '')), own, payers.1) AS organized
SELECT
    trace_id,
    arrayMin(s.start_ns) AS start_ns,
    arrayMax(s.end_ns) AS end_ns,
    arraySum(amount) AS cost,
    toUInt32(arrayCount(u -> u, unpriced)) AS unpriced_spans,
    toUInt32(length(s)) AS spans,
    toUInt32(arrayCount(o -> o, orphan)) AS orphans,
    toUInt32(arrayCount(c -> c, cut)) AS cycles,
    arrayFilter(id -> id != 0, s.response) AS responses,

    s.span_id AS span_id,
    if(
        is_one_day,
        arrayMap(_ -> first_day, s),
        arrayMap(start -> toDate(fromUnixTimestamp64Nano(start, 'UTC'), {timezone:String}), s.start_ns)) AS day,
    arrayMap(
        (b, r, w, u, o, c, e, re) -> toUInt16(b + 2 * r + 4 * w + 8 * u + 16 * o + 32 * c + 64 * e + 128 * re),
        billed, repeats, told_twice, unpriced, orphan, cut, agent_entry, reentrant) AS flags,
    amount,
    root,
    agent,
    pool,
    arrayPopFront(arrayEnumerateDense(by_appearance)) AS initiator,
    arrayMap((e, r, i, start, end) -> if(e OR r = i, toUInt64(end - start), 0), agent_entry, root, arrayEnumerate(s), s.start_ns, s.end_ns) AS use_ns,
    arrayMap((b, n) -> if(b, n, 0), billable, s.tokens) AS tokens,
    arrayMap(i -> toUInt32(i), unobserved_at) AS unobserved_at,
    unobserved,

    arrayMap(key -> joinGet({names:String}, 'name', key), agents) AS agents,
    paths,
    payers.1 AS team,
    organized(payers.2, {departments:Array(String)}) AS department,
    organized(payers.3, {cost_centers:Array(String)}) AS cost_center,
    filled(own_project, inherited_project) AS project,
    filled(own_environment, inherited_environment) AS environment,
    filled(own_user, inherited_user) AS user,
    filled(own_session, inherited_session) AS session,
    arrayMap(t -> if(t != '', t, trace_id), filled(own_task, inherited_task)) AS task,
    arrayMap((w, i) -> if(w != '', w, s.name[root[i]]), filled(own_workflow, inherited_workflow), some_span) AS workflow,

    s.start_ns AS span_start_ns,
    used,
    fee,
    charge
FROM
(
    SELECT
        *,
        arrayMap(
            (n, h, i) -> multiIf(
                (own_team[n], own_department[n], own_cost_center[n]) != ('', '', ''), (own_team[n], own_department[n], own_cost_center[n]),
                inherited_payers[h] != ('', '', ''), inherited_payers[h],
                (joinGet({names:String}, 'owner', agents[owner[i]]), '', '')),
            nodes, heirs, some_span) AS payers,
        arrayMap((u, f) -> u + f, used, fee) AS amount,
        arrayMap((u, f) -> u OR f, used_unpriced, fee_unknown) AS unpriced,
        arrayMap((b, paid) -> b OR paid, billable, timed) AS billed,
        -- Days are told apart only where midnight lies within the trace.
        toDate(fromUnixTimestamp64Nano(arrayMin(s.start_ns), 'UTC'), {timezone:String}) AS first_day,
        first_day = toDate(fromUnixTimestamp64Nano(arrayMax(s.start_ns), 'UTC'), {timezone:String}) AS is_one_day
    FROM
    (
        SELECT
            *,
            of(node, some_span) AS nodes,
            -- Roots with links come first in the numbering; see the stage of the trees.
            if(
                empty(inherited_roots),
                arrayMap(_ -> toUInt32(0), some_span),
                arrayMap(
                    nth -> if(nth > length(inherited_roots), 0, nth),
                    arraySlice(
                        arrayEnumerateDense(arrayConcat(inherited_roots, arrayMap(i -> s.span_id[root[i]], some_span))),
                        length(inherited_roots) + 1))) AS heirs
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
                        initiators.trace_id AS trace_id, s, node, root, orphan, cut, billable, repeats, told_twice, timed, agent, agent_entry, reentrant,
                        pool, owner, agents, paths, charge, unobserved_at, unobserved,
                        initiators.amount AS used,
                        initiators.unpriced AS used_unpriced,
                        -- What the own time costs is billed beside what was used.
                        arrayResize(own_time.fee, length(s), toDecimal128(0, 12)) AS fee,
                        arrayResize(own_time.unknown, length(s), 0) AS fee_unknown,
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
                        -- Spans of one node, root and owner have one initiator. They are numbered as they appear, that of the first root first.
                        toUInt32(arrayFirstIndex((r, i) -> r = i, root, arrayEnumerate(root))) AS first_root,
                        arrayMap((n, r, o) -> cityHash64(n, r, o), node, root, owner) AS number,
                        arrayPushFront(number, number[first_root]) AS by_appearance
                    FROM {initiators:Identifier} AS initiators
                    LEFT ANY JOIN {own_time:Identifier} AS own_time ON own_time.trace_id = initiators.trace_id
                    LEFT ANY JOIN {inherited:Identifier} AS inherited ON inherited.trace_id = initiators.trace_id
                    WHERE initiators.dirty
                )
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
