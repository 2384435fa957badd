-- Work table: found_initiators
-- Purpose: Who started the work of each span (R8).
-- Grain: a trace (trace_id); columns are arrays over its spans or its initiators
-- Columns:
--     trace_id String: the trace
--     initiator Array(UInt32): index into the initiators: of a span whose cost is split, that of its first link
--     split Array(Tuple(at UInt32, initiator UInt32, links UInt32)): spans whose cost is split by link: index of the span, one of its
--         initiators, and how many of its links lead there
--     team Array(String): team of each initiator; empty: nobody was found
--     department Array(String): department of each initiator
--     cost_center Array(String): cost_center of each initiator
--     project Array(String): project of each initiator
--     environment Array(String): environment of each initiator
--     user Array(String): user of each initiator
--     session Array(String): session of each initiator
--     task Array(String): task of each initiator
--     workflow Array(String): workflow of each initiator
--     initiator_source Array(String): how the team was found: said, link, sender, trace, session, owner; empty: it was not
--     initiator_sender Array(String): whose spans name the team
-- Holds: Team, department and cost center come from one place: what is said of the work, what links lead to, what is said of the sender, the
--        earliest statement elsewhere in the trace, the session, the owner. A team that is missing is found by its cost center; the
--        other two come from the organization. Each other dimension is found on its own, in the same order. A trace without a task is its own
--        task. The name of the local root is the workflow where none is named. The first initiator is that of the first local root.
WITH
    ('', '', '', '', '', '', '', '', '', '') AS nothing,
    (told) -> (told.1, told.2, told.3) != ('', '', '') AS names_payer,
    (named, other) -> if(named != '', named, other) AS if_none,
    (a, b, c, d, e) -> multiIf(a != '', a, b != '', b, c != '', c, d != '', d, e) AS first_named,
    (own, linked, sent, others, of_session, owner_team, sender) -> multiIf(
        names_payer(own), ('said', own.1, own.2, own.3, own.10),
        names_payer(linked), ('link', linked.1, linked.2, linked.3, linked.10),
        names_payer(sent), ('sender', sent.1, sent.2, sent.3, sent.10),
        names_payer(others), ('trace', others.1, others.2, others.3, others.10),
        names_payer(of_session), ('session', of_session.1, of_session.2, of_session.3, of_session.10),
        owner_team != '', ('owner', owner_team, '', '', sender),
        ('', '', '', '', '')) AS payer_of,
    (own, names, known) -> if(own != '', own, transform(names, {teams:Array(String)}, known, '')) AS organized,
    (named) -> transform(lowerUTF8(named), {team_spellings:Array(String)}, {spelled_teams:Array(String)}, named) AS team_named,
    (payer) -> (
        payer.1,
        if(payer.2 = '' AND payer.4 != '', transform(payer.4, {cost_centers:Array(String)}, {teams:Array(String)}, ''), team_named(payer.2)),
        payer.3, payer.4, payer.5) AS with_team
SELECT
    trace_id,
    arrayMap(c -> initiators_of_case[c][1], span_case) AS initiator,
    if(
        NOT arrayExists(parts -> length(arrayDistinct(parts)) > 1, initiators_of_case),
        CAST([], 'Array(Tuple(at UInt32, initiator UInt32, links UInt32))'),
        arrayFlatten(arrayMap(
            (c, i) -> if(
                length(arrayDistinct(initiators_of_case[c])) < 2,
                CAST([], 'Array(Tuple(at UInt32, initiator UInt32, links UInt32))'),
                arrayMap(
                    one -> (toUInt32(i), one, toUInt32(countEqual(initiators_of_case[c], one))),
                    arrayDistinct(initiators_of_case[c]))),
            span_case, arrayEnumerate(span_case)))) AS split,
    distinct_initiators.1 AS team,
    distinct_initiators.2 AS department,
    distinct_initiators.3 AS cost_center,
    distinct_initiators.4 AS project,
    distinct_initiators.5 AS environment,
    distinct_initiators.6 AS user,
    distinct_initiators.7 AS session,
    distinct_initiators.8 AS task,
    distinct_initiators.9 AS workflow,
    distinct_initiators.10 AS initiator_source,
    distinct_initiators.11 AS initiator_sender
FROM
(
    SELECT
        trace_id, span_case,
        arrayFlatten(found_of_case) AS all_found,
        arrayDistinct(all_found) AS distinct_initiators,
        arrayMap(x -> toUInt32(x), arrayEnumerateDense(arrayMap(x -> cityHash64(x), all_found))) AS numbers,
        arrayMap(
            (upto, parts) -> arraySlice(numbers, upto - length(parts) + 1, length(parts)),
            arrayCumSum(arrayMap(parts -> length(parts), found_of_case)), found_of_case) AS initiators_of_case
    FROM
    (
        SELECT
            trace_id, span_case,
            arrayMap(
                (i, own, sent, others, parts, payers, of_session) -> arrayMap(
                    (linked, payer) -> (
                        payer.2,
                        organized(payer.3, payer.2, {departments:Array(String)}),
                        organized(payer.4, payer.2, {cost_centers:Array(String)}),
                        first_named(own.4, linked.4, sent.4, others.4, of_session.4),
                        first_named(own.5, linked.5, sent.5, others.5, of_session.5),
                        first_named(own.6, linked.6, sent.6, others.6, of_session.6),
                        first_named(own.7, linked.7, sent.7, others.7, of_session.7),
                        if_none(first_named(own.8, linked.8, sent.8, others.8, of_session.8), trace_id),
                        if_none(first_named(own.9, linked.9, sent.9, others.9, of_session.9), span.name[root[i]]),
                        payer.1,
                        payer.5),
                    parts, payers),
                some_span, said_of_case, sent_of_case, others_of_case, parts_of_case, payers_of_case, session_of_case) AS found_of_case
        FROM
        (
            SELECT
                *,
                arrayMap(payers -> arrayMap(payer -> with_team(payer), payers), named_of_case) AS payers_of_case
            FROM
            (
                SELECT
                    *,
                    arrayMap(
                        (i, own, sent, others, parts, of_session) -> arrayMap(
                            linked -> payer_of(
                                own, linked, sent, others, of_session, joinGet({agent_lookup:String}, 'owner', agents[owner[i]]),
                                node_sender[node[i]]),
                            parts),
                        some_span, said_of_case, sent_of_case, others_of_case, parts_of_case, session_of_case) AS named_of_case
                FROM
                (
                    SELECT
                        *,
                        -- Each step is a subquery of its own: ClickHouse analyzes again what a name stands for wherever it stands.
                        arrayMap(i -> said[node[i]], some_span) AS said_of_case,
                        arrayMap(i -> of_sender[node[i]], some_span) AS sent_of_case,
                        arrayMap(i -> of_others[node[i]], some_span) AS others_of_case,
                        arrayMap(i -> if(empty(linked), [nothing], linked[node[i]]), some_span) AS parts_of_case,
                        arrayMap(i -> if(empty(continued), nothing, continued[node[i]]), some_span) AS session_of_case
                    FROM
                    (
                        SELECT
                            *,
                            arrayMap(i -> if(i = 1, first_root, i - 1), appearances) AS some_span,
                            arrayMap(c -> toUInt32(c), arrayPopFront(arrayEnumerateDense(by_appearance))) AS span_case
                        FROM
                        (
                            SELECT
                                *,
                                arrayFilter((i, nth) -> nth = 1, arrayEnumerate(by_appearance), arrayEnumerateUniq(by_appearance)) AS appearances
                            FROM
                            (
                                SELECT
                                    initiators.*,
                                    seen.linked AS linked,
                                    seen.continued AS continued,
                                    -- Spans of one node, root and owner are one case. Cases are numbered as they appear, that of the first root first.
                                    toUInt32(arrayFirstIndex((r, i) -> r = i, root, arrayEnumerate(root))) AS first_root,
                                    arrayMap((n, r, o) -> cityHash64(n, r, o), node, root, owner) AS number,
                                    arrayPushFront(number, number[first_root]) AS by_appearance
                                FROM {initiators:Identifier} AS initiators
                                LEFT ANY JOIN {seen_links:Identifier} AS seen ON seen.trace_id = initiators.trace_id
                            )
                        )
                    )
                )
            )
        )
    )
)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
