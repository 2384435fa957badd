-- Purpose: whose agent, which entry, and whose pool (R6, R7, R9).
-- Grain:   trace; columns are arrays over its spans.
-- Columns: agents: the distinct agents of the trace, which agent and pool are indices into (0: none); paths: of each 64 agents the
--          bits of those at or above the span; owner_team: team that owns the topmost owned agent of the path.
CREATE TABLE {paths:Identifier} ENGINE = Memory AS
WITH
    arrayEnumerate(s) AS indices,
    -- Up the path from each span: the lowest span that has it, the topmost one, and the root.
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), ladder, has_it) AS nearest,
    (ladder, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), ladder, has_it) AS topmost,
    (value) -> arrayMap((x, i) -> if(x != '', toUInt32(i), 0), value, arrayEnumerate(value)) AS where_set,
    (place) -> if(arrayExists(i -> i > 0, place), jumps, []) AS if_any,

    where_set(s.agent) AS agent_at,
    where_set(s.workflow_name) AS workflow_at,
    arrayMap(
        (a, w, service) -> multiIf(a > 0, s.agent[a], w > 0, s.workflow_name[w], service),
        nearest(if_any(agent_at), agent_at), nearest(if_any(workflow_at), workflow_at), s.service) AS agent_names,
    arrayEnumerateDense(agent_names) AS code,
    arrayDistinct(agent_names) AS names,
    arrayMap((c, p) -> names[c] != '' AND (p = 0 OR c != code[p]), code, parent) AS entry,
    -- Which agents lie on the path: one bit an agent, in words of 64.
    (c) -> toUInt64(bitShiftLeft(toUInt64(1), toUInt8((c - 1) % 64))) AS bit,
    (c) -> intDiv(c - 1, 64) AS word_of,
    if(length(names) = 1, [], jumps) AS agent_ladder,
    arrayMap(
        word -> arrayFold(
            (v, jump) -> arrayMap((x, p) -> bitOr(x, v[p]), v, jump),
            agent_ladder,
            arrayMap(c -> if(word_of(c) = word, bit(c), toUInt64(0)), code)),
        range(word_of(length(names)) + 1)) AS words,
    arrayFold(
        (found, word, nth) -> arrayMap(
            (it_is, e, c, p) -> it_is OR (e AND p > 0 AND word_of(c) + 1 = nth AND bitAnd(word[p], bit(c)) != 0), found, entry, code, parent),
        words, arrayEnumerate(words), arrayMap(e -> false, entry)) AS reentrant,
    arrayMap(
        name -> name != '' AND arrayExists(pattern -> match(name, pattern), {shared:Array(String)}), names) AS is_shared,
    arrayMap(name -> transform(name, {owned_agents:Array(String)}, {owner_teams:Array(String)}, ''), names) AS owners,
    arrayMap((c, i) -> if(is_shared[c], toUInt32(i), 0), code, indices) AS shared_at,
    arrayMap((c, i) -> if(owners[c] != '', toUInt32(i), 0), code, indices) AS owned_at
SELECT
    trace_id,
    topmost(jumps, arrayMap(i -> toUInt32(i), indices)) AS root,
    names AS agents,
    arrayMap(c -> toUInt32(c), code) AS agent,
    entry AS agent_entry,
    reentrant,
    words AS paths,
    arrayMap(i -> code[i], nearest(if_any(shared_at), shared_at)) AS pool,
    arrayMap(i -> owners[code[i]], topmost(if_any(owned_at), owned_at)) AS owner_team
FROM {trees:Identifier}
