-- Work table: call_initiators
-- Purpose: Who started a call that several records tell, where that is not what a record itself says: the initiator of its home record,
--          with blanks filled from the other records (R8).
-- Grain: a trace with such a record (trace_id); columns are arrays over these records
-- Needs: calls
-- Columns:
--     trace_id String: the trace
--     at Array(UInt32): index of the span
--     who Array(Tuple(team String, department String, cost_center String, project String, environment String, user String, session String,
--         task String, workflow String, initiator_source String, initiator_sender String)): its initiator, as in `found_initiators`
-- Holds: Team, department and cost center are filled together. Of the other records the one goes first whose team was found first in the
--        order of R8, then the one with the lower trace and span id. A trace that is its own task leaves the task blank. A home record whose
--        cost is split keeps its initiators.
WITH
    ['said', 'link', 'sender', 'trace', 'session', 'owner', ''] AS sources,
    -- Of places in a list: whether each index is among them. Places are numbered before the indices; see the stage of the trees.
    (places, indices) -> if(
        empty(places),
        arrayMap(_ -> false, indices),
        arrayMap(
            nth -> nth <= length(arrayDistinct(places)),
            arraySlice(arrayEnumerateDense(arrayConcat(arrayDistinct(places), indices)), length(arrayDistinct(places)) + 1))) AS is_among,
    records AS
    (
        -- What is said of a record is looked up before there is a row for each: a row must not carry what all of its trace have.
        SELECT trace_id, one.1 AS at, one.2 AS is_home, one.7 AS call_id, one.8 AS span_id, own, is_split
        FROM
        (
            SELECT
                found.trace_id AS trace_id,
                homes.called AS called,
                arrayMap(
                    (a, b, c, d, e, f, g, h, i, j, k) -> (a, b, c, d, e, f, g, if(h = found.trace_id, '', h), i, j, k),
                    found.team, found.department, found.cost_center, found.project, found.environment, found.user,
                    found.session, found.task, found.workflow, found.initiator_source, found.initiator_sender) AS initiators,
                arrayMap(one -> initiators[found.initiator[one.1]], called) AS owns,
                is_among(found.split.1, called.1) AS are_split
            FROM {found_initiators:Identifier} AS found
            INNER JOIN {homes:Identifier} AS homes ON homes.trace_id = found.trace_id
        )
        ARRAY JOIN called AS one, owns AS own, are_split AS is_split
    ),
    filled AS
    (
        SELECT
            call_id,
            arrayMap(x -> x.4, arraySort(groupArray((NOT is_home, indexOf(sources, own.10), (trace_id, span_id, at), own)))) AS ones,
            ones[1] AS home,
            arrayFirst(one -> (one.1, one.2, one.3) != ('', '', ''), arrayPushBack(ones, home)) AS payer,
            if((payer.1, payer.2, payer.3) = ('', '', ''), home, payer) AS paying,
            (
                paying.1, paying.2, paying.3,
                arrayFirst(x -> x != '', ones.4), arrayFirst(x -> x != '', ones.5), arrayFirst(x -> x != '', ones.6),
                arrayFirst(x -> x != '', ones.7), arrayFirst(x -> x != '', ones.8),
                home.9, paying.10, paying.11) AS who
        FROM records
        GROUP BY call_id
    )
SELECT
    records.trace_id AS trace_id,
    groupArray(toUInt32(records.at)) AS at,
    groupArray((
        filled.who.1, filled.who.2, filled.who.3, filled.who.4, filled.who.5, filled.who.6, filled.who.7,
        if(filled.who.8 = '', records.trace_id, filled.who.8), filled.who.9, filled.who.10, filled.who.11)) AS who
FROM records
INNER JOIN filled ON filled.call_id = records.call_id
WHERE (records.own != filled.who OR records.is_split) AND NOT (records.is_home AND records.is_split)
GROUP BY records.trace_id
