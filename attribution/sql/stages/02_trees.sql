-- Purpose: the tree of every trace: who is whose parent once pointer loops are cut (R2, R3), and the jumps up the path.
-- Grain:   trace; columns are arrays over its spans, as in s.
-- Columns: an index is 1-based, 0 is none. jumps[k][i] is the 2^(k-1)-th ancestor of span i, for as many k as the depth needs.
--          flags: those of the profile; calls that share call are told with one response id and the same known token counts, those that
--          share work with one model and these counts, 0 is none.
-- Holds:   no loop in parent; jumps no longer than log2(spans) + 1.
CREATE TABLE {trees:Identifier} ENGINE = Memory AS
WITH
    -- The lowest index on the way once round: the member of a loop whose own it is, is its first.
    (above, times) -> arrayFold(
        (a, _) -> (arrayMap((low, p) -> if(p = 0, low, least(low, a.1[p])), a.1, a.2), arrayMap(p -> a.2[p], a.2)),
        range(times),
        (arrayEnumerate(above), above)).1 AS lowest,
    -- How many steps up each span is from its root, and whom the steps have come to: after enough of them only spans in or below a
    -- loop still have an ancestor, and those ancestors are all the members of the loops.
    (above, times) -> arrayFold(
        (a, _) -> (arrayMap((steps, p) -> if(p = 0, steps, steps + a.1[p]), a.1, a.2), arrayMap(p -> a.2[p], a.2)),
        range(times),
        (arrayMap(p -> toUInt64(p > 0), above), above)) AS climb
SELECT
    trace_id, dirty, s, tags, links, flags, tool, agent, workflow, service, resource, charge, call, work, cut,
    arrayMap((named, p) -> named != 0 AND p = 0, s.parent, named_parent) AS orphan,
    parent,
    arrayMap(k -> arrayFold((a, _) -> arrayMap(p -> a[p], a), range(k), parent), range(toUInt8(ceil(log2(depth + 1))))) AS jumps
FROM
(
    SELECT
        *,
        arrayMap(c -> joinGet({profiles:String}, 'tool', c), s.profile) AS tool,
        arrayMap(c -> joinGet({profiles:String}, 'agent', c), s.profile) AS agent,
        arrayMap(c -> joinGet({profiles:String}, 'workflow', c), s.profile) AS workflow,
        arrayMap(c -> joinGet({profiles:String}, 'service', c), s.profile) AS service,
        arrayMap(c -> joinGet({profiles:String}, 'resource', c), s.profile) AS resource,
        arrayMap(c -> joinGet({profiles:String}, 'charge', c), s.profile) AS charge,
        arrayMap(
            (f, id, counts) -> if(bitTest(f, 2) AND id != 0 AND counts != 0, cityHash64(id, counts), 0),
            flags, s.response, s.counts) AS call,
        arrayMap(
            (f, name, counts) -> if(bitTest(f, 2) AND name != 0 AND counts != 0, cityHash64(name, counts), 0),
            flags, model, s.counts) AS work,
        arrayMax(if(empty(loop_members), climbed, climb(parent, doublings)).1) AS depth
    FROM
    (
        SELECT
            *,
            arrayMap(c -> joinGet({profiles:String}, 'flags', c), s.profile) AS flags,
            arrayMap(c -> joinGet({profiles:String}, 'model', c), s.profile) AS model,
            -- In numbering what follows them the members come first; a search inside a lambda would copy what it searches for every span.
            if(
                empty(loop_members),
                arrayMap(_ -> false, named_parent),
                arrayMap(
                    (low, i, nth) -> low = i AND nth <= length(loop_members),
                    lowest(named_parent, doublings),
                    arrayEnumerate(named_parent),
                    arraySlice(
                        arrayEnumerateDense(arrayConcat(loop_members, arrayEnumerate(named_parent))), length(loop_members) + 1))) AS cut,
            arrayMap((p, is_cut) -> if(is_cut, 0, p), named_parent, cut) AS parent
        FROM
        (
            SELECT
                *,
                climb(named_parent, doublings) AS climbed,
                arrayDistinct(arrayFilter(p -> p > 0, climbed.2)) AS loop_members
            FROM
            (
                SELECT
                    *,
                    toUInt8(ceil(log2(length(s) + 1))) AS doublings,
                    arrayMap(
                        (named, nth) -> if(named = 0 OR nth > length(s), 0, nth),
                        s.parent,
                        arraySlice(
                            arrayEnumerateDense(arrayConcat(arrayMap(id -> cityHash64(id), s.span_id), s.parent)),
                            length(s) + 1)) AS named_parent
                FROM {told:Identifier}
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
