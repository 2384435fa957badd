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
    records AS
    (
        SELECT
            found.trace_id AS trace_id,
            one.1 AS at,
            one.2 AS is_home,
            one.7 AS call_id,
            one.8 AS span_id,
            found.initiator[at] AS nth,
            (
                found.team[nth], found.department[nth], found.cost_center[nth], found.project[nth], found.environment[nth], found.user[nth],
                found.session[nth], if(found.task[nth] = found.trace_id, '', found.task[nth]), found.workflow[nth],
                found.initiator_source[nth], found.initiator_sender[nth]) AS own,
            has(found.split.1, at) AS is_split
        FROM {found_initiators:Identifier} AS found
        INNER JOIN {homes:Identifier} AS homes ON homes.trace_id = found.trace_id
        ARRAY JOIN homes.called AS one
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
