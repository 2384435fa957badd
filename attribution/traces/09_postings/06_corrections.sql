-- Purpose: posts for the traces that have postings, or a span in a closed month, the difference between what should stand and what
--          stands (R11).
-- Grain:   posting.
-- Holds:   afterwards the postings of each span sum to its billed amount; run again it posts nothing. A pooled cost is posted to the
--          pool; which team pays for it is for the allocation to say. What a span that was priced anew since its last posting makes
--          is a repricing, and its reason names both prices; every other difference to what was posted is a correction.
--          Nothing is posted into a closed month: what should stand there, and what does, counts where the month is booked, and only
--          the difference is posted, as late (R12).
INSERT INTO postings
(
    pass, posted_at,
    effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason
)
WITH
    (values, at) -> arrayMap(i -> values[i], at) AS of,
    -- Closed months are few: they are looked up in arrays; '' is none of them, for `transform` wants a pair.
    (SELECT arrayPushFront(groupArray((period, booked_period)), ('', '')) FROM {closed_periods:Identifier}) AS closed,
    (month) -> transform(month, closed.1, closed.2, month) AS booked_in,
    should_and_does AS
    (
        SELECT
            fromUnixTimestamp64Nano(started, 'UTC') AS effective_at,
            formatDateTime(arose, '%Y-%m') AS home,
            home AS effective_period,
            arose AS home_day,
            trace_id,
            span AS span_id,
            its_pool AS pool,
            if(its_pool = '', its_team, '') AS team,
            if(its_pool = '', its_department, '') AS department,
            if(its_pool = '', its_cost_center, '') AS cost_center,
            its_project AS project, its_environment AS environment, its_user AS user, its_task AS task, its_workflow AS workflow,
            its_agent AS agent, its_provider AS provider, its_model AS model, its_bucket AS bucket,
            usd AS amount,
            0 AS stands,
            toDateTime64(0, 9, 'UTC') AS stands_since,
            ifNull(its_repriced_at, stands_since) AS repriced_at,
            toString(its_repricing) AS repricing
        FROM
        (
            SELECT
                trace_id,
                span_id AS span_ids,
                start_ns AS starts,
                day AS days,
                amount AS amounts,
                of(agents, lines.agent) AS own_agents,
                of(agents, lines.pool) AS pools,
                of(lines.provider, charge) AS providers,
                of(lines.model, charge) AS models,
                of(lines.bucket, charge) AS buckets,
                of(lines.repricing, charge) AS repricings,
                of(lines.repriced_at, charge) AS repriced_ats,
                of(lines.team, initiator) AS teams,
                of(lines.department, initiator) AS departments,
                of(lines.cost_center, initiator) AS cost_centers,
                of(lines.project, initiator) AS projects,
                of(lines.environment, initiator) AS environments,
                of(lines.user, initiator) AS users,
                of(lines.task, initiator) AS tasks,
                of(lines.workflow, initiator) AS workflows
            FROM {amounts_to_post:Identifier} AS lines
            WHERE NOT is_first
        )
        ARRAY JOIN
            span_ids AS span, starts AS started, days AS arose, amounts AS usd, own_agents AS its_agent, pools AS its_pool,
            providers AS its_provider, models AS its_model, buckets AS its_bucket, repricings AS its_repricing,
            repriced_ats AS its_repriced_at, teams AS its_team, departments AS its_department, cost_centers AS its_cost_center,
            projects AS its_project, environments AS its_environment, users AS its_user, tasks AS its_task, workflows AS its_workflow
        UNION ALL
        SELECT
            effective_at, period, effective_period, day, trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            -amount, 1, posted_at, toDateTime64(0, 9, 'UTC'), ''
        FROM posted
        WHERE trace_id != '' AND trace_id IN (SELECT trace_id FROM {previous_decisions:Identifier})
    ),
    differences AS
    (
        SELECT
            effective_at, toString(effective_period) AS effective_period,
            booked_in(toString(home)) AS period,
            if(period = home, home_day, toDate(concat(period, '-01'))) AS day,
            trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            sum(amount) AS difference,
            sum(sum(stands)) OVER of_span > 0 AS posted_before,
            -- One posting at most tells a repricing.
            max(max(repriced_at)) OVER of_span > max(max(stands_since)) OVER of_span AS is_repriced,
            max(max(repricing)) OVER of_span AS change
        FROM should_and_does
        GROUP BY ALL
        WINDOW of_span AS (PARTITION BY trace_id, span_id)
    ),
    explained AS
    (
        SELECT
            *,
            has(closed.1, effective_period) AS is_closed,
            -- What was booked late, while its month or one between was closed that is open again.
            period != booked_in(effective_period) AS is_misplaced,
            max(is_misplaced) OVER (PARTITION BY trace_id, span_id) AS is_moved,
            multiIf(
                is_repriced, concat('repriced ', change),
                NOT posted_before, 'billed',
                is_misplaced, 'an earlier month is open again: taken back',
                is_moved, 'the month is open again: posted anew',
                difference < 0, 'the span or its trace changed: taken back',
                'the span or its trace changed: posted anew') AS why
        FROM differences
        WHERE difference != 0
    )
SELECT
    {version:UInt64}, now64(9), effective_at, effective_period, period, day,
    multiIf(period != effective_period, 'late', is_repriced, 'repricing', posted_before, 'correction', pool = '', 'direct', 'pool'),
    trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket,
    difference,
    if(is_closed AND NOT is_misplaced, concat('late for ', effective_period, ', which is closed: ', why), why)
FROM explained
