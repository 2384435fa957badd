-- Work table: agent_paths
-- Purpose: The agent of each span, which spans enter an agent, and which pool a span belongs to (R6, R7, R9).
-- Grain: a trace (trace_id); columns are arrays over its spans
-- Carries: the columns of billing but agent, workflow, service
-- Columns:
--     root Array(UInt32): index of the local root
--     agents Array(UInt64): hashes of the distinct agents of the trace
--     agent_entry Array(UInt8): the span enters its agent
--     paths Array(Array(UInt64)): of each 64 agents: for every span the bits of the agents at or above it
--     reentrant Array(Bool): the span enters an agent that is above it already
--     agent Array(UInt32): index into `agents`
--     pool Array(UInt32): index of the nearest shared agent, 0: none
--     owner Array(UInt32): index of the topmost agent on the path that a team owns, 0: none; agents that others name count where the sender
--         of the span may charge them (R16)
WITH
    -- The nearest and the topmost span at or above each span that have a property.
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(v[p] > 0, v[p], x), v, jump), jumps_up, has_it) AS topmost,
    (key) -> arrayMap((x, i) -> if(x != 0, toUInt32(i), 0), key, arrayEnumerate(key)) AS where_set,
    (c) -> toUInt64(bitShiftLeft(toUInt64(1), toUInt8((c - 1) % 64))) AS bit,
    (c) -> intDiv(c - 1, 64) AS word_of
SELECT
    * EXCEPT (agent, workflow, service, agent_keys, code, is_shared, is_owned),
    arrayFold(
        (entries, word, nth) -> arrayMap(
            (is_reentrant, e, c, p) -> is_reentrant OR (e AND p > 0 AND word_of(c) + 1 = nth AND bitAnd(word[p], bit(c)) != 0),
            entries, agent_entry, code, parent),
        if(length(agents) = 1, [], paths),
        arrayEnumerate(if(length(agents) = 1, [], paths)),
        arrayMap(_ -> false, agent_entry)) AS reentrant,
    code AS agent,
    if(
        has(is_shared, true),
        arrayMap(i -> code[i], nearest(jumps, arrayMap((c, i) -> if(is_shared[c], i, 0), code, arrayEnumerate(code)))),
        arrayMap(_ -> toUInt32(0), code)) AS pool,
    if(
        has(is_owned, true),
        arrayMap(
            i -> code[i],
            topmost(
                if(empty(granted_parent), jumps, granted_jumps),
                if(
                    empty(granted_parent),
                    arrayMap((c, i) -> if(is_owned[c], i, 0), code, arrayEnumerate(code)),
                    arrayMap(
                        (c, i, top) -> if(is_owned[c] AND c != code[parent[top]], i, 0),
                        code, arrayEnumerate(code), topmost(granted_jumps, arrayEnumerate(code)))))),
        arrayMap(_ -> toUInt32(0), code)) AS owner
FROM
(
    SELECT
        *,
        arrayMap((c, p) -> agents[c] != 0 AND (p = 0 OR c != code[p]), code, parent) AS agent_entry,
        -- One bit an agent, in words of 64.
        arrayMap(
            word -> arrayFold(
                (v, jump) -> arrayMap((x, p) -> bitOr(x, v[p]), v, jump),
                if(length(agents) = 1, [], jumps),
                arrayMap(c -> if(word_of(c) = word, bit(c), toUInt64(0)), code)),
            range(word_of(length(agents)) + 1)) AS paths,
        arrayMap(key -> joinGet({agent_lookup:String}, 'is_shared', key), agents) AS is_shared,
        arrayMap(key -> joinGet({agent_lookup:String}, 'owner', key) != '', agents) AS is_owned
    FROM
    (
        SELECT
            *,
            arrayMap(c -> toUInt32(c), arrayEnumerateDense(agent_keys)) AS code,
            arrayDistinct(agent_keys) AS agents
        FROM
        (
            SELECT
                *,
                topmost(jumps, arrayEnumerate(span)) AS root,
                arrayMap(
                    (a, w, key) -> multiIf(a > 0, agent[a], w > 0, workflow[w], key),
                    nearest(if(arrayExists(x -> x != 0, agent), jumps, []), where_set(agent)),
                    nearest(if(arrayExists(x -> x != 0, workflow), jumps, []), where_set(workflow)),
                    service) AS agent_keys
            FROM {billing:Identifier}
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
