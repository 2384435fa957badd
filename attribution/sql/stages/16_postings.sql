-- Purpose: posts for every dirty trace the difference between what should stand and what stands (R11).
-- Grain:   posting.
-- Holds:   afterwards the postings of each span sum to its billed amount; run again it posts nothing. A pooled cost is posted to the
--          pool; which team pays for it is for the allocation to say. What a span that was priced anew since its last posting makes
--          is a repricing, and its reason names both prices; every other difference to what was posted is a correction.
INSERT INTO postings
(
    posted_at, effective_at, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason, entry, seq, precedence
)
WITH
    now64(9) AS posted,
    should_and_does AS
    (
        SELECT
            fromUnixTimestamp64Nano(start_ns, 'UTC') AS effective_at,
            period, day, trace_id, span_id, pool,
            if(pool = '', team, '') AS team,
            if(pool = '', department, '') AS department,
            if(pool = '', cost_center, '') AS cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            amount, 0 AS standing, toDateTime64(0, 9, 'UTC') AS stands_since
        FROM {attributed:Identifier}
        WHERE amount != 0
        UNION ALL
        SELECT
            effective_at, period, day, trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            -amount, 1, posted_at
        FROM postings FINAL
        WHERE trace_id != '' AND trace_id IN (SELECT trace_id FROM {batch:Identifier} WHERE dirty)
    ),
    differences AS
    (
        SELECT
            effective_at, period, day, trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            sum(amount) AS difference,
            toUInt32(sum(standing)) AS seq,
            sum(seq) OVER (PARTITION BY trace_id, span_id) > 0 AS posted_before,
            max(max(stands_since)) OVER (PARTITION BY trace_id, span_id) AS last_posted_at
        FROM should_and_does
        GROUP BY ALL
    ),
    repriced AS
    (
        SELECT trace_id, span_id, assumeNotNull(repriced_at) AS since, concat('repriced from ', repriced_from, ' to ', priced_by) AS change
        FROM {attributed:Identifier}
        WHERE repriced_at IS NOT NULL
    )
SELECT
    posted, effective_at, period, day,
    multiIf(since > last_posted_at, 'repricing', posted_before, 'correction', pool = '', 'direct', 'pool'),
    trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket,
    difference,
    multiIf(
        since > last_posted_at, change,
        NOT posted_before, 'billed',
        difference < 0, 'the span or its trace changed: taken back',
        'the span or its trace changed: posted anew'),
    cityHash64(
        effective_at, period, pool, team, department, cost_center,
        project, environment, user, task, workflow, agent, provider, model, bucket),
    seq,
    bitNot(toUInt64(toUnixTimestamp64Nano(posted)))
FROM differences
LEFT JOIN repriced USING (trace_id, span_id)
WHERE difference != 0
