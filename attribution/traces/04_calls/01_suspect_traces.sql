-- Work table: suspect_traces
-- Purpose: The traces in which a record may tell the call of the nearest record above, or the sum of those directly below.
-- Grain: a trace (trace_id)
-- Needs: several_records
-- Columns:
--     trace_id String: the trace
-- Holds: This is asked of every trace, so it looks at few columns. Records with two response ids tell two calls, but for a gateway's.
WITH
    -- The nearest span at or above each span that has a property.
    (jumps_up, has_it) -> arrayFold((v, jump) -> arrayMap((x, p) -> if(x > 0, x, v[p]), v, jump), jumps_up, has_it) AS nearest
SELECT trace_id
FROM
(
    SELECT
        trace_id, flags, span.response_hash AS ids,
        arrayMap((f, i) -> if(bitTest(f, 2), toUInt32(i), 0), flags, arrayEnumerate(flags)) AS records,
        nearest(jumps, records) AS from,
        arrayMap((own, p) -> if(own > 0, from[p], 0), records, parent) AS above
    FROM {trees:Identifier}
    WHERE notEmpty(jumps) AND arrayCount(f -> bitTest(f, 2), flags) > 1
)
WHERE arrayExists(u -> u > 0, above)
    AND (
        arrayExists(
            (u, id, id_above, f) -> u > 0 AND (id = 0 OR id_above = 0 OR id = id_above OR bitTest(f, 8)),
            above, ids, arrayMap(u -> ids[u], above), flags)
        OR has(arrayEnumerateUniq(arrayFilter(u -> u > 0, above)), 2))
