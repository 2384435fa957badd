-- Work table: record_paths
-- Purpose: Where the spans lie in the trees of traces with links, or with a record that shares a response id, or session and counts, with one
--          that is not of its chain.
-- Grain: a trace with links or such a record (trace_id); columns are arrays over its spans
-- Needs: several_chains, links
-- Columns:
--     trace_id String: the trace
--     first Array(Int64): the place of the span when its trace is walked from above, each span before all that are below it
--     last Array(Int64): the place of the last span below it
-- Holds: A span lies below another one where its place is between the other one's first and last.
WITH
    -- Sums of a value over each span and all spans below it; see the stage of `unbilled`.
    (jump, value) -> arraySort(
        x -> (x.1, x.2),
        arrayConcat(
            arrayMap((p, v) -> (p, 0, if(p = 0, v - v, v)), jump, value),
            arrayMap((i, v) -> (i, 1, v - v), arrayEnumerate(value), value))) AS transfers,
    (transfer) -> arrayFilter((sum, is_receiver) -> is_receiver = 1, arrayCumSum(transfer.3), transfer.2) AS sums_up_to,
    (sum) -> arrayPopFront(arrayDifference(arrayPushFront(sum, 0))) AS differences,
    (jumps_up, value) -> arrayFold(
        (total, jump) -> arrayMap((t, more) -> t + more, total, differences(sums_up_to(transfers(jump, total)))), jumps_up, value) AS with_below
SELECT
    trace_id,
    -- One step down, and the sizes of the trees beside that come first, for each span of the path.
    arrayFold((places, jump) -> arrayMap((place, p) -> place + places[p], places, jump), jumps, arrayMap(before -> before + 1, sizes_before)) AS first,
    arrayMap((place, size) -> place + size - 1, first, sizes) AS last
FROM
(
    SELECT
        trace_id, jumps, sizes,
        -- Spans of one parent follow each other. What is before the first of them is carried on to the others.
        arraySort(arrayMap((p, i, size) -> (toInt64(p), i, size), parent, arrayEnumerate(parent), sizes)) AS siblings,
        arrayMap((sum, size) -> sum - size, arrayCumSum(siblings.3), siblings.3) AS sums_before,
        arrayFill(
            sum -> sum >= 0,
            arrayMap((sum, p, before) -> if(p != before, sum, -1), sums_before, siblings.1, arrayResize(arrayPushFront(siblings.1, -1), length(siblings)))) AS sums_before_parent,
        arrayMap(
            one -> one.2,
            arraySort(arrayMap((i, sum, start) -> (i, sum - start), siblings.2, sums_before, sums_before_parent))) AS sizes_before
    FROM
    (
        SELECT trace_id, parent, jumps, with_below(jumps, arrayMap(_ -> toInt64(1), parent)) AS sizes
        FROM {trees:Identifier}
        WHERE notEmpty(links) OR trace_id IN
            (
                SELECT trace_id
                FROM {shared_records:Identifier}
                ARRAY JOIN [response_hash, event_hash] AS id
                WHERE id IN
                    (
                        SELECT id FROM {shared_records:Identifier} ARRAY JOIN [response_hash, event_hash] AS id
                        WHERE id != 0 GROUP BY id HAVING min(chain) != max(chain)
                    )
            )
    )
)
