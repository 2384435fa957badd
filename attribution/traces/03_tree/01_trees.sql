-- Work table: trees
-- Purpose: The tree of every trace: the parent of each span once loops of parent pointers are cut (R2, R3), and the jumps up the path.
-- Grain: a trace (trace_id); columns are arrays over its spans
-- Carries: the columns of spans but round
-- Columns:
--     flags Array(UInt16): flags of the profile
--     tool Array(UInt64): as in `profile_lookup`
--     agent Array(UInt64): hash of the agent that the span names, 0: none
--     workflow Array(UInt64): hash of the workflow name, 0: none
--     service Array(UInt64): hash of the service, 0: none
--     resource Array(UInt64): key in `resource_lookup`
--     charge Array(UInt64): key in `charge_lookup`
--     has_own_time_price Array(Bool): the span is paid by the second
--     used_cost Array(Decimal(38, 12)): USD of what the span used, 0 where that is unknown, without the time that `own_time` bills
--     starts_loop Array(Bool): first member of a loop of parent pointers, made a local root
--     orphan Array(UInt8): names a parent that is not in the trace
--     parent Array(UInt32): index of the parent; 1 is the first span, 0: a local root
--     jumps Array(Array(UInt32)): jumps[k][i] is the 2^(k-1)-th span above span i, 0: none; as many k as the depth needs
--     granted_parent Array(UInt32): as `parent`, but 0 where the sender of the span may not charge the sender of what is above it, which is
--         the nearest one that is no gateway (R16); empty: each may
--     granted_jumps Array(Array(UInt32)): `jumps` of that tree; empty: as `jumps`
-- Holds: `parent` has no loop. There are at most log2(spans) + 1 jumps.
WITH
    -- The lowest index at or above each span. The first member of a loop is the one whose own index that is.
    (above, times) -> arrayFold(
        (state, _) -> (arrayMap((low, p) -> if(p = 0, low, least(low, state.1[p])), state.1, state.2), arrayMap(p -> state.2[p], state.2)),
        range(times),
        (arrayEnumerate(above), above)).1 AS lowest,
    -- For each span the number of steps up to its root, and the ancestor that the steps have reached. After enough steps only spans
    -- in or below a loop still have an ancestor, and these ancestors are the members of the loops.
    (above, times) -> arrayFold(
        (state, _) -> (arrayMap((steps, p) -> if(p = 0, steps, steps + state.1[p]), state.1, state.2), arrayMap(p -> state.2[p], state.2)),
        range(times),
        (arrayMap(p -> toUInt64(p > 0), above), above)) AS climb,
    (above, times) -> arrayMap(k -> arrayFold((ancestor, _) -> arrayMap(p -> ancestor[p], ancestor), range(k), above), range(times)) AS jumps_of,
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest,
    (sender, other) -> sender = other OR NOT has({limited_senders:Array(String)}, sender)
        OR match(other, transform(sender, {limited_senders:Array(String)}, {may_charge:Array(String)}, '')) AS may_charge
SELECT
    * EXCEPT (served_from, is_refused),
    if(has(is_refused, true), arrayMap((p, refused) -> if(refused, 0, p), parent, is_refused), []) AS granted_parent,
    if(empty(granted_parent), [], jumps_of(granted_parent, length(jumps))) AS granted_jumps
FROM
(
    SELECT
        *,
        if(
            empty(served_from),
            [],
            arrayMap(
                (from, f, p) -> served_from[p] > 0 AND NOT bitTest(f, 11) AND NOT may_charge(from, span.sender[served_from[p]]),
                span.sender, flags, parent)) AS is_refused
    FROM
    (
        SELECT
            *,
            -- The nearest span at or above each whose sender is no gateway; asked only where a sender may not charge everybody.
            if(
                hasAny(span.sender, {limited_senders:Array(String)}),
                nearest(jumps, arrayMap((f, i) -> if(bitTest(f, 11), 0, i), flags, arrayEnumerate(flags))),
                []) AS served_from
        FROM
        (
            SELECT
                trace_id, to_attribute, span, span_dimensions, links, sampled, flags, tool, agent, workflow, service, resource, charge, has_own_time_price,
                used_cost, starts_loop,
                arrayMap((named, p) -> named != 0 AND p = 0, span.parent_hash, named_parent) AS orphan,
                parent,
                jumps_of(parent, toUInt8(ceil(log2(depth + 1)))) AS jumps
            FROM
            (
                SELECT
                    *,
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'tool', profile), span.profile) AS tool,
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'agent', profile), span.profile) AS agent,
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'workflow', profile), span.profile) AS workflow,
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'service', profile), span.profile) AS service,
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'resource', profile), span.profile) AS resource,
                    arrayMap(profile -> joinGet({profile_lookup:String}, 'charge', profile), span.profile) AS charge,
                    arrayMap(f -> toBool(bitTest(f, 5)), flags) AS has_own_time_price,
                    -- Where the cost holds the time of the whole span, that time is taken out.
                    if(
                        NOT has(has_own_time_price, true),
                        span.cost,
                        arrayMap(
                            (cost, start, end, paid, profile) -> if(
                                paid AND joinGet({profile_lookup:String}, 'in_cost', profile),
                                cost - CAST(
                                    roundBankers(
                                        toDecimal256(ifNull(joinGet({profile_lookup:String}, 'rate', profile), toDecimal128(0, 18)), 18)
                                            * toDecimal256(end - start, 0) * toDecimal256('0.000000001', 9),
                                        12)
                                    AS Decimal(38, 12)),
                                cost),
                            span.cost, span.start_ns, span.end_ns, has_own_time_price, span.profile)) AS used_cost,
                    arrayMax(if(empty(loop_members), climbed, climb(parent, doublings)).1) AS depth
                FROM
                (
                    SELECT
                        *,
                        arrayMap(profile -> joinGet({profile_lookup:String}, 'flags', profile), span.profile) AS flags,
                        -- Members of loops are numbered before the spans. A search in a lambda would copy the array that it searches for every span.
                        if(
                            empty(loop_members),
                            arrayMap(_ -> false, named_parent),
                            arrayMap(
                                (low, i, nth) -> low = i AND nth <= length(loop_members),
                                lowest(named_parent, doublings),
                                arrayEnumerate(named_parent),
                                arraySlice(
                                    arrayEnumerateDense(arrayConcat(loop_members, arrayEnumerate(named_parent))), length(loop_members) + 1))) AS starts_loop,
                        arrayMap((p, is_cut) -> if(is_cut, 0, p), named_parent, starts_loop) AS parent
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
                                toUInt8(ceil(log2(length(span) + 1))) AS doublings,
                                -- The parent is the same sender's span, else the first one with the id. Ids are numbered as they appear.
                                length(arrayDistinct(span.sender)) > 1 AS has_several_senders,
                                arrayMap(id -> cityHash64(id), span.span_id) AS ids,
                                arrayEnumerateDense(arrayConcat(ids, span.parent_hash)) AS numbers,
                                if(
                                    has_several_senders,
                                    arrayFilter((i, nth) -> nth = 1, arrayEnumerate(ids), arrayEnumerateUniq(ids)),
                                    []) AS first_of_ids,
                                if(
                                    has_several_senders,
                                    arraySlice(
                                        arrayEnumerateDense(arrayConcat(
                                            arrayMap((id, from) -> cityHash64(id, from), ids, span.sender),
                                            arrayMap((id, from) -> cityHash64(id, from), span.parent_hash, span.sender))),
                                        length(span) + 1),
                                    arrayMap(_ -> toUInt32(length(span) + 1), span)) AS numbers_of_sender,
                                arrayMap(
                                    (named, nth, nth_of_sender) -> multiIf(
                                        named = 0, 0,
                                        nth_of_sender <= length(span), nth_of_sender,
                                        has_several_senders, first_of_ids[nth],
                                        nth > length(span), 0,
                                        nth),
                                    span.parent_hash, arraySlice(numbers, length(span) + 1), numbers_of_sender) AS named_parent
                            FROM {spans:Identifier}
                        )
                    )
                )
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
