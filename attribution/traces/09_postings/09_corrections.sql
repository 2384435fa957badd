-- Purpose: Posts the difference between the due and the posted amounts of the traces that have postings, or that have a span in a closed
--          month (R11).
-- Grain: a posting
-- Needs: corrections
-- Holds: Afterwards the postings of each span sum to its billed amount. A second run posts nothing. A pooled cost is posted to the pool:
--        the allocation decides which team pays for it. If a span was priced again since its last posting, the difference is a repricing,
--        and its reason names both prices. Every other difference to a posted amount is a correction. Nothing is posted into a closed
--        month: its due and its posted amounts count in the month that it is booked in, and only their difference is posted, as late (R12).
INSERT INTO postings
(
    pass, posted_at,
    effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason, sender
)
WITH
    (values, at) -> arrayMap(i -> values[i], at) AS of,
    -- Closed months are few, so arrays hold them. '' is no month: `transform` needs at least one pair.
    (SELECT arrayPushFront(groupArray((period, booked_period)), ('', '')) FROM {closed_periods:Identifier}) AS closed,
    (month) -> transform(month, closed.1, closed.2, month) AS booked_in,
    due_and_posted AS
    (
        SELECT
            fromUnixTimestamp64Nano(started, 'UTC') AS effective_at,
            formatDateTime(arose, '%Y-%m') AS arose_in,
            arose_in AS effective_period,
            arose AS arose_on,
            trace_id,
            span AS span_id,
            each_pool AS pool,
            if(each_pool = '', each_team, '') AS team,
            if(each_pool = '', each_department, '') AS department,
            if(each_pool = '', each_cost_center, '') AS cost_center,
            each_project AS project, each_environment AS environment, each_user AS user, each_task AS task, each_workflow AS workflow,
            each_agent AS agent, each_provider AS provider, each_model AS model, each_bucket AS bucket,
            usd AS amount,
            0 AS is_posted,
            toDateTime64(0, 9, 'UTC') AS last_posted_at,
            ifNull(each_repriced_at, last_posted_at) AS repriced_at,
            toString(each_repricing) AS repricing,
            each_is_unobserved AS is_unobserved,
            sent_by AS sender
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
                of(lines.is_unobserved, charge) AS are_unobserved,
                of(lines.team, initiator) AS teams,
                of(lines.department, initiator) AS departments,
                of(lines.cost_center, initiator) AS cost_centers,
                of(lines.project, initiator) AS projects,
                of(lines.environment, initiator) AS environments,
                of(lines.user, initiator) AS users,
                of(lines.task, initiator) AS tasks,
                of(lines.workflow, initiator) AS workflows,
                if(empty(lines.sender), arrayMap(_ -> senders[1], span_id), of(senders, lines.sender)) AS sent_bys
            FROM {amounts_to_post:Identifier} AS lines
            WHERE NOT is_first
        )
        ARRAY JOIN
            span_ids AS span, starts AS started, days AS arose, amounts AS usd, own_agents AS each_agent, pools AS each_pool,
            providers AS each_provider, models AS each_model, buckets AS each_bucket, repricings AS each_repricing,
            repriced_ats AS each_repriced_at, are_unobserved AS each_is_unobserved, teams AS each_team, departments AS each_department, cost_centers AS each_cost_center,
            projects AS each_project, environments AS each_environment, users AS each_user, tasks AS each_task, workflows AS each_workflow,
            sent_bys AS sent_by
        UNION ALL
        SELECT
            effective_at, period, effective_period, day, trace_id, span_id, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            -amount, 1, posted_at, toDateTime64(0, 9, 'UTC'), '', false, sender
        FROM posted
        WHERE trace_id != '' AND trace_id IN (SELECT trace_id FROM {previous_decisions:Identifier})
    ),
    differences AS
    (
        SELECT
            effective_at, toString(effective_period) AS effective_period,
            booked_in(toString(arose_in)) AS period,
            if(period = arose_in, arose_on, toDate(concat(period, '-01'))) AS day,
            trace_id, span_id, sender, pool, team, department, cost_center,
            project, environment, user, task, workflow, agent, provider, model, bucket,
            sum(amount) AS difference,
            sum(sum(is_posted)) OVER of_span > 0 AS posted_before,
            -- At most one posting of a span names a repricing.
            max(max(repriced_at)) OVER of_span > max(max(last_posted_at)) OVER of_span AS is_repriced,
            max(max(repricing)) OVER of_span AS change,
            max(is_unobserved) AS is_of_aggregate
        FROM due_and_posted
        GROUP BY ALL
        WINDOW of_span AS (PARTITION BY trace_id, span_id, sender)
    ),
    explained AS
    (
        SELECT
            *,
            has(closed.1, effective_period) AS is_closed,
            -- It was booked late while its month, or a month between, was closed. That month is open again.
            period != booked_in(effective_period) AS is_misplaced,
            max(is_misplaced) OVER (PARTITION BY trace_id, span_id, sender) AS is_rebooked,
            multiIf(
                is_repriced, concat('repriced ', change),
                NOT posted_before, 'billed',
                is_misplaced, 'an earlier month is open again: taken back',
                is_rebooked, 'the month is open again: posted anew',
                difference < 0, 'the span or its trace changed: taken back',
                'the span or its trace changed: posted anew') AS explanation
        FROM differences
        WHERE difference != 0
    )
SELECT
    {version:UInt64}, now64(9), effective_at, effective_period, period, day,
    multiIf(period != effective_period, 'late', is_repriced, 'repricing', posted_before, 'correction', is_of_aggregate, 'unobserved',
        pool = '', 'direct', 'pool'),
    trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket,
    difference,
    if(is_closed AND NOT is_misplaced, concat('late for ', effective_period, ', which is closed: ', explanation), explanation),
    sender
FROM explained
