-- Purpose: posts for every dirty trace the difference between what should stand and what stands (R11).
-- Grain:   posting.
-- Holds:   afterwards the postings of each span sum to its billed amount; run again it posts nothing. A pooled cost is posted to the
--          pool; which team pays for it is for the allocation to say. What a span that was priced anew since its last posting makes
--          is a repricing, and its reason names both prices; every other difference to what was posted is a correction.
--          Nothing is posted into a closed month: what should stand there, and what does, counts where the month is booked, and only
--          the difference is posted, as late (R12).
INSERT INTO postings
(
    posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason, entry, seq, precedence
)
WITH
    now64(9) AS posted,
    should_and_does AS
    (
        SELECT
            fromUnixTimestamp64Nano(start_ns, 'UTC') AS effective_at,
            period AS home, period AS effective_period, day AS home_day,
            trace_id, span_id, pool,
            if(pool = '', team, '') AS team,
            if(pool = '', department, '') AS department,
            if(pool = '', cost_center, '') AS cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            amount, 0 AS standing, toDateTime64(0, 9, 'UTC') AS stands_since
        FROM {attributed:Identifier}
        WHERE amount != 0
        UNION ALL
        SELECT
            effective_at, period, effective_period, day, trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            -amount, 1, posted_at
        FROM postings FINAL
        WHERE trace_id != '' AND trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE dirty)
    ),
    differences AS
    (
        SELECT
            effective_at, toString(effective_period) AS effective_period,
            if(booking.period = '', toString(home), booking.booked_period) AS period,
            if(booking.period = '', home_day, booking.booked_day) AS day,
            trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            sum(amount) AS difference,
            toUInt32(sumIf(standing, booking.period = '')) AS seq,
            sum(sum(standing)) OVER (PARTITION BY trace_id, span_id) > 0 AS posted_before,
            max(max(stands_since)) OVER (PARTITION BY trace_id, span_id) AS last_posted_at
        FROM should_and_does
        LEFT JOIN {booking:Identifier} AS booking ON booking.period = should_and_does.home
        GROUP BY ALL
    ),
    repriced AS
    (
        SELECT trace_id, span_id, assumeNotNull(repriced_at) AS since, concat('repriced from ', repriced_from, ' to ', priced_by) AS change
        FROM {attributed:Identifier}
        WHERE repriced_at IS NOT NULL
    ),
    explained AS
    (
        SELECT
            *,
            since > last_posted_at AS is_repriced,
            closed_period != '' AS is_closed,
            -- What was booked late, while its month or one between was closed that is open again.
            period != if(is_closed, booked_period, effective_period) AS is_misplaced,
            max(is_misplaced) OVER (PARTITION BY trace_id, span_id) AS is_moved,
            multiIf(
                is_repriced, change,
                NOT posted_before, 'billed',
                is_misplaced, 'an earlier month is open again: taken back',
                is_moved, 'the month is open again: posted anew',
                difference < 0, 'the span or its trace changed: taken back',
                'the span or its trace changed: posted anew') AS why
        FROM differences
        LEFT JOIN repriced USING (trace_id, span_id)
        LEFT JOIN (SELECT period AS closed_period, booked_period FROM {booking:Identifier}) AS home_of
            ON home_of.closed_period = differences.effective_period
        WHERE difference != 0
    )
SELECT
    posted, effective_at, effective_period, period, day,
    multiIf(period != effective_period, 'late', is_repriced, 'repricing', posted_before, 'correction', pool = '', 'direct', 'pool'),
    trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket,
    difference,
    if(is_closed AND NOT is_misplaced, concat('late for ', effective_period, ', which is closed: ', why), why),
    cityHash64(
        effective_at, effective_period, period, day, pool, team, department, cost_center,
        project, environment, user, task, workflow, agent, provider, model, bucket),
    seq,
    bitNot(toUInt64(toUnixTimestamp64Nano(posted)))
FROM explained
