-- Purpose: posts what is billed of the dirty traces that nothing is posted for yet (R11).
-- Grain:   posting.
-- Holds:   afterwards the postings of each of their spans sum to its billed amount. A pooled cost is posted to the pool; which team pays
--          for it is for the allocation to say. Nothing is posted into a closed month, but late into the one it is booked in (R12).
INSERT INTO postings
(
    pass, posted_at,
    effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason
)
WITH repriced_at IS NOT NULL AS is_repriced
SELECT
    {version:UInt64},
    now64(9),
    fromUnixTimestamp64Nano(start_ns, 'UTC'),
    attributed.period,
    if(booking.period = '', attributed.period, booking.booked_period),
    if(booking.period = '', day, booking.booked_day),
    multiIf(booking.period != '', 'late', is_repriced, 'repricing', pool = '', 'direct', 'pool'),
    trace_id, span_id, pool,
    if(pool = '', team, ''),
    if(pool = '', department, ''),
    if(pool = '', cost_center, ''),
    project, environment, user, task, workflow, agent, provider, model, bucket, amount,
    concat(
        if(booking.period = '', '', concat('late for ', booking.period, ', which is closed: ')),
        if(is_repriced, concat('repriced from ', repriced_from, ' to ', priced_by), 'billed'))
FROM {attributed:Identifier} AS attributed
LEFT JOIN {booking:Identifier} AS booking ON booking.period = attributed.period
WHERE amount != 0
    AND trace_id NOT IN (SELECT trace_id FROM posted WHERE trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE dirty))
