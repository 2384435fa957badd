-- Purpose: the decision on every dirty trace, as it is stored, and what its billed spans are posted by.
-- Grain:   trace; columns are arrays over its spans, or over its agents or initiators, as in `attributions`.
-- Holds:   blanks are filled in the order of R8: the trace itself, what its links bring, the owner of its agent; then department
--          and cost center from the organization, the trace as the task, the root's name as the workflow.
CREATE TABLE {decided:Identifier} ENGINE = Memory AS
WITH
    -- Spans of one node, root and owner have one initiator. They are numbered as they appear, that of the first root first.
    arrayFirstIndex((r, i) -> r = i, root, arrayEnumerate(root)) AS first_root,
    arrayMap((n, r, o) -> cityHash64(n, r, o), node, root, owner_team) AS started_by,
    arrayPushFront(started_by, started_by[first_root]) AS by_appearance,
    arrayFilter((i, nth) -> nth = 1, arrayEnumerate(by_appearance), arrayEnumerateUniq(by_appearance)) AS appearances,
    arrayMap(i -> if(i = 1, first_root, i - 1), appearances) AS some_span,
    arrayMap(i -> node[i], some_span) AS nodes,
    -- Roots with links come first in the numbering; see the stage of the trees.
    arraySlice(
        arrayEnumerateDense(arrayConcat(inherited.roots, arrayMap(i -> s.span_id[root[i]], some_span))),
        length(inherited.roots) + 1) AS numbers,
    arrayMap(nth -> if(nth > length(inherited.roots), 0, nth), numbers) AS heirs,

    (own, brought) -> arrayMap((n, h) -> if(own[n] != '', own[n], brought[h]), nodes, heirs) AS filled,
    arrayMap(
        (n, h, i) -> multiIf(
            (initiators.team[n], initiators.department[n], initiators.cost_center[n]) != ('', '', ''),
            (initiators.team[n], initiators.department[n], initiators.cost_center[n]),
            inherited.payers[h] != ('', '', ''), inherited.payers[h],
            (owner_team[i], '', '')),
        nodes, heirs, some_span) AS payers,
    -- What the own time costs is billed beside what was used.
    arrayResize(own_time.timed, length(s), false) AS timed,
    arrayResize(own_time.fee, length(s), NULL) AS fees,
    (own, team, known) -> arrayMap((x, t) -> if(x != '', x, transform(t, {teams:Array(String)}, known, '')), own, team) AS organized
SELECT
    trees.trace_id AS trace_id,
    arrayMin(s.start_ns) AS start_ns,
    arrayMax(s.end_ns) AS end_ns,
    arraySum(amount) AS cost,
    arrayMap((u, t, f) -> u OR (t AND f IS NULL), billing.unpriced, timed, fees) AS unpriced,
    arrayCount(u -> u, unpriced) AS unpriced_spans,
    arrayFilter(id -> id != '', s.response_id) AS response_ids,

    s.span_id AS span_id,
    arrayMap(start -> toDate(fromUnixTimestamp64Nano(start, 'UTC'), {timezone:String}), s.start_ns) AS day,
    arrayMap((b, t) -> b OR t, billing.billable, timed) AS billable,
    billing.unbilled_reason AS unbilled_reason,
    arrayMap((a, f) -> a + ifNull(f, toDecimal128(0, 12)), billing.amount, fees) AS amount,
    billing.unobserved AS unobserved,
    root,
    orphan,
    cut,
    agent,
    agent_entry,
    reentrant,
    pool,
    arrayPopFront(arrayEnumerateDense(by_appearance)) AS initiator,

    agents,
    paths,
    payers.1 AS team,
    organized(payers.2, team, {departments:Array(String)}) AS department,
    organized(payers.3, team, {cost_centers:Array(String)}) AS cost_center,
    filled(initiators.project, inherited.project) AS project,
    filled(initiators.environment, inherited.environment) AS environment,
    filled(initiators.user, inherited.user) AS user,
    filled(initiators.session, inherited.session) AS session,
    arrayMap(t -> if(t != '', t, trace_id), filled(initiators.task, inherited.task)) AS task,
    arrayMap(
        (w, i) -> if(w != '', w, s.name[root[i]]), filled(initiators.workflow, inherited.workflow), some_span) AS workflow,

    s.start_ns AS span_start_ns,
    arrayMap((start, end) -> toUInt64(end - start), s.start_ns, s.end_ns) AS duration_ns,
    billing.amount AS usage_amount,
    arrayMap(f -> ifNull(f, toDecimal128(0, 12)), fees) AS fee,
    arrayMap((b, i, o) -> if(b, ifNull(i, 0) + ifNull(o, 0), 0), billing.billable, s.input_tokens, s.output_tokens) AS tokens,
    s.provider AS provider,
    s.model AS model,
    s.bucket AS bucket,
    s.priced_by AS priced_by,
    s.repriced_at AS repriced_at,
    s.repriced_from AS repriced_from
FROM {trees:Identifier} AS trees
INNER JOIN {billing:Identifier} AS billing ON billing.trace_id = trees.trace_id
LEFT JOIN {own_time:Identifier} AS own_time ON own_time.trace_id = trees.trace_id
INNER JOIN {paths:Identifier} AS paths_of ON paths_of.trace_id = trees.trace_id
INNER JOIN {initiators:Identifier} AS initiators ON initiators.trace_id = trees.trace_id
LEFT JOIN {inherited:Identifier} AS inherited ON inherited.trace_id = trees.trace_id
WHERE trees.dirty
