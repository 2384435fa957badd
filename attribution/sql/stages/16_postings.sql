-- Purpose: posts for every dirty trace the difference between what should stand and what stands (R11).
-- Grain:   posting.
-- Holds:   afterwards the postings of each span sum to its billed amount; run again it posts nothing. A pooled cost is posted to the
--          pool; which team pays for it is for the allocation to say.
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
            amount, 0 AS standing
        FROM {attributed:Identifier}
        WHERE amount != 0
        UNION ALL
        SELECT
            effective_at, period, day, trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            -amount, 1
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
            sum(seq) OVER (PARTITION BY trace_id, span_id) > 0 AS posted_before
        FROM should_and_does
        GROUP BY ALL
    )
SELECT
    posted, effective_at, period, day,
    multiIf(posted_before, 'correction', pool = '', 'direct', 'pool'),
    trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket,
    difference,
    multiIf(
        NOT posted_before, 'billed',
        difference < 0, 'the span or its trace changed: taken back',
        'the span or its trace changed: posted anew'),
    cityHash64(
        effective_at, period, pool, team, department, cost_center,
        project, environment, user, task, workflow, agent, provider, model, bucket),
    seq,
    bitNot(toUInt64(toUnixTimestamp64Nano(posted)))
FROM differences
WHERE difference != 0
