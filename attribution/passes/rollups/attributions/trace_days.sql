-- Purpose: Adds the traces that a pass decided about to the days on which they begin, and hides them on the days on which they began
--          before.
-- Grain: a trace, and once more where it begins on another day than before
-- Holds: A second run changes nothing, because it adds the same rows.
INSERT INTO trace_days
-- The initiator of the first local root.
WITH attributions.initiator[arrayFirstIndex((r, i) -> r = i, root, arrayEnumerate(root))] AS first
SELECT
    version,
    has_moved,
    if(has_moved, toDateTime64(moved_from, 9, 'UTC'), start_time),
    end_time,
    trace_id,
    spans,
    attributions.team[first],
    attributions.user[first],
    attributions.task[first],
    attributions.workflow[first],
    cost,
    unpriced_spans,
    orphans,
    cycles,
    arraySum((reason, usd) -> if(reason = 'unobserved', usd, toDecimal128(0, 12)), missing.reason, missing.usd),
    sampled_factor
FROM attributions
ARRAY JOIN if(moved_from = toDate(0), [0], [0, 1]) AS has_moved
WHERE version = {pass:UInt64} AND trace_id != ''
