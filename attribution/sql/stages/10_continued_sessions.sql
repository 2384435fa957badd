-- Purpose: which span a local root continues because it is of the same session: the session's first (R8).
-- Grain:   local root with a session.
INSERT INTO {continued:Identifier}
SELECT
    trace_id,
    root.1,
    first.trace_id,
    first.span_id
FROM
(
    SELECT
        trace_id,
        arrayJoin(arrayMap(
            i -> (s.span_id[i], session[node[i]]),
            arrayFilter((i, p) -> p = 0 AND session[node[i]] != '', arrayEnumerate(s), parent))) AS root,
        root.2 AS its_session
    FROM {initiators:Identifier}
) AS roots
INNER JOIN {firsts:Identifier} AS firsts ON firsts.session = its_session
