-- Work table: homes
-- Purpose: Where each call that several records tell is billed: at its home record (R4). Its amount is that of the record that knows most.
-- Grain: a trace with such a record (trace_id)
-- Needs: calls
-- Columns:
--     trace_id String: the trace
--     called Array(Tuple(at UInt32, is_home Bool, is_priced Bool, cost Decimal(38, 12), charge UInt64, tokens UInt64, call_id String,
--         span_id String)): its records of such calls: the index of the span, whether the call is billed there, its amount, the home record,
--         and the id of the span
-- Holds: The home record is outside of gateways where one is. Of several it is the one whose initiator was found first in the order of R8,
--        then the innermost, then the first. No clock of a host decides unless all else is equal.
WITH
    (a, b) -> a.trace = b.trace AND if(a.chain = b.chain, b.level > a.level, b.first > a.first AND b.first <= a.last) AS is_above,
    sources AS
    (
        SELECT trace_id, of_record.1 AS at, of_record.2 AS source
        FROM
        (
            SELECT
                found.trace_id AS trace_id,
                arrayMap(
                    i -> (i, indexOf(['said', 'link', 'sender', 'trace', 'session', 'owner', ''], found.initiator_source[found.initiator[i]])),
                    places) AS sources_here
            FROM {found_initiators:Identifier} AS found
            INNER JOIN
            (
                SELECT record.trace_id AS trace_id, groupArray(record.at) AS places
                FROM {calls:Identifier}
                ARRAY JOIN records AS record
                GROUP BY trace_id
            ) AS told ON told.trace_id = found.trace_id
        )
        ARRAY JOIN sources_here AS of_record
    ),
    homed AS
    (
        SELECT
            call, is_priced, cost, charge, tokens, records,
            arrayFilter(
                (record, order) -> order = arrayMin(orders),
                records, orders) AS best,
            arrayFilter(a -> NOT arrayExists(b -> is_above(a, b), best), best)[1] AS home
        FROM
        (
            SELECT
                call, any(is_priced) AS is_priced, any(cost) AS cost, any(charge) AS charge, any(tokens) AS tokens,
                arraySort(
                    x -> (x.1.start_ns, x.1.trace_id, x.1.span_id), groupArray((one_record, (one_record.is_gateway, source)))) AS ordered,
                ordered.1 AS records,
                ordered.2 AS orders
            FROM
            (
                SELECT call, is_priced, cost, charge, tokens, record AS one_record, record.trace_id AS trace_id, record.at AS at
                FROM {calls:Identifier}
                ARRAY JOIN records AS record
            ) AS told
            INNER JOIN sources USING (trace_id, at)
            GROUP BY call
        )
    )
SELECT
    record.trace_id AS trace_id,
    groupArray((
        record.at,
        (record.trace_id, record.at) = (home.trace_id, home.at),
        is_priced, cost, charge, tokens,
        concat(home.trace_id, ':', home.span_id), record.span_id)) AS called
FROM homed
ARRAY JOIN records AS record
GROUP BY record.trace_id
