-- Work table: split_parts
-- Purpose: Who pays which part of each span, in traces in which a cost is split between initiators (R8).
-- Grain: a decision about a trace (trace_id, sign)
-- Needs: split_costs
-- Columns:
--     trace_id String: the trace
--     sign Int8: 1: the new decision, -1: the previous one
--     parts Array(Tuple(at UInt32, initiator UInt32, first UInt32, last UInt32, links UInt32)): in the order of the spans one for each span,
--         several where its cost is split: index of the span, an initiator, the first and the last of its links that lead there, those that
--         lead to one initiator being put together, and how many there are
WITH
    -- Places are numbered before the indices; see the stage of the trees.
    (places, indices) -> arrayMap(
        nth -> nth <= length(places),
        arraySlice(arrayEnumerateDense(arrayConcat(places, indices)), length(places) + 1)) AS is_among,
    (ats) -> arrayMap((at, before) -> at != before, ats, arrayResize(arrayPushFront(ats, 0), length(ats))) AS is_first_of_span
SELECT
    trace_id,
    sign,
    arraySort(arrayConcat(
        arrayFlatten(arrayMap(
            ones -> arrayMap(
                (one, upto, all_links) -> (one.1, one.2, toUInt32(upto - one.3 + 1), toUInt32(upto), toUInt32(all_links)),
                ones, arrayCumSum(ones.3), arrayResize([arraySum(ones.3)], length(ones), arraySum(ones.3))),
            split_of_spans)),
        arrayMap(
            (i, by) -> (i, by, toUInt32(1), toUInt32(1), toUInt32(1)),
            arrayFilter((i, is_one) -> NOT is_one, spans, is_split), arrayFilter((by, is_one) -> NOT is_one, initiator, is_split)))) AS parts
FROM
(
    SELECT
        trace_id, sign, initiator,
        arrayMap(i -> toUInt32(i), arrayEnumerate(initiator)) AS spans,
        is_among(arrayDistinct(split.1), spans) AS is_split,
        arraySplit((_, is_first) -> is_first, split, is_first_of_span(split.1)) AS split_of_spans
    FROM
    (
        SELECT trace_id, toInt8(1) AS sign, initiator, split
        FROM {decisions:Identifier}
        WHERE notEmpty(split)
        UNION ALL
        SELECT trace_id, toInt8(-1), initiator, split
        FROM {previous_decisions:Identifier}
        WHERE notEmpty(split)
    )
)
