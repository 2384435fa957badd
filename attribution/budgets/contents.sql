-- Purpose: What there is to count, by segment of time: where it is what it was before, the counts are what they were.
-- Grain: a segment that a trace lies in
-- Holds: It differs where a trace comes, goes or is decided anew, and where another trace is known by name. A pass counts from when it is
--        committed, as its postings do.
SELECT
    arrayJoin(range(greatest(arrayCount(boundary -> start_time >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}), 1), upto + 1)) AS segment,
    count() AS traces,
    sum(cityHash64(trace_id, version)) AS decided,
    sumIf(cityHash64(trace_id), trace_id IN {known:Array(String)}) AS known_by_name
FROM
(
    SELECT
        trace_id, version, start_time,
        arrayCount(boundary -> end_time >= boundary, {boundaries:Array(DateTime64(9, 'UTC'))}) AS upto
    FROM attributions FINAL
    WHERE end_time >= {since:DateTime64(9, 'UTC')}
)
WHERE version NOT IN (SELECT pass FROM uncommitted_passes)
GROUP BY segment
