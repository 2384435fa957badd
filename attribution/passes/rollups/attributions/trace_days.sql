-- Purpose: shows the traces that a pass decided about on the days on which they begin, and no longer where they did before.
-- Grain:   trace, and once more where it has moved.
-- Holds:   done twice it is done once, for the rows are the same.
INSERT INTO trace_days
SELECT
    version,
    gone,
    if(gone, toDateTime64(moved_from, 9, 'UTC'), start_time),
    end_time,
    trace_id,
    spans,
    attributions.team[1],
    attributions.user[1],
    attributions.task[1],
    attributions.workflow[1],
    cost,
    unpriced_spans,
    orphans,
    cycles
FROM attributions
ARRAY JOIN if(moved_from = toDate(0), [0], [0, 1]) AS gone
WHERE version = {pass:UInt64} AND trace_id != ''
