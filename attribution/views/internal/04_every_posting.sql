-- Internal view: every_posting
-- Purpose: All postings, one by one, whether their passes are committed or not.
-- Grain: a posting
-- Columns:
--     pass UInt64: the pass that posted it
--     posted_at DateTime64(9, 'UTC'): when it was posted
--     effective_at DateTime64(9, 'UTC'): when the cost arose
--     effective_period String: month in which the cost arose
--     period String: month in which it is booked
--     day Date: day on which it is booked
--     kind String: as in `ledger`
--     trace_id String: trace, 32 hex digits
--     span_id String: span, 16 hex digits
--     pool String: the pool; empty: none
--     team String: team that started the work; empty: nobody was found
--     department String: department of the team
--     cost_center String: cost center of the team
--     project String: project that the work is for
--     environment String: environment, such as production
--     user String: user who started the work
--     task String: task that the work is part of; the trace where nobody names one
--     workflow String: workflow that was started
--     agent String: the agent whose cost it is
--     provider String: who bills the call
--     model String: the model that answered, else the one that was asked for
--     bucket String: kind of cost: llm, tool, compute, storage, orchestration, human_review or platform
--     amount Decimal(38, 12): USD; negative takes back
--     reason String: why it was posted
--     addition UUID: the addition to a pool that it posts, or the dispute that it settles; zeros: none
--     sender String: who sent the record that it is for, by the ingest key; empty: there are no keys, or it is for none
WITH (values, nth) -> arrayMap(i -> values[i], nth) AS of
SELECT
    pass, posted_at, effective_at, effective_period, period, day, kind, trace_id, span_id, pool, team, department, cost_center,
    project, environment, user, task, workflow, agent, provider, model, bucket, amount, reason, addition, sender
FROM postings
UNION ALL
SELECT
    pass,
    posted_at,
    fromUnixTimestamp64Nano(started, 'UTC') AS effective_at,
    formatDateTime(booked, '%Y-%m') AS effective_period,
    effective_period AS period,
    booked AS day,
    multiIf(is_beyond, 'unobserved', repriced != '', 'repricing', each_pool = '', 'direct', 'pool') AS kind,
    trace_id,
    span AS span_id,
    each_pool AS pool,
    if(each_pool = '', payer, '') AS team,
    if(each_pool = '', payers_department, '') AS department,
    if(each_pool = '', payers_cost_center, '') AS cost_center,
    each_project AS project,
    each_environment AS environment,
    each_user AS user,
    each_task AS task,
    each_workflow AS workflow,
    each_agent AS agent,
    each_provider AS provider,
    each_model AS model,
    each_bucket AS bucket,
    usd AS amount,
    if(repriced = '', 'billed', concat('repriced ', repriced)) AS reason,
    toUUID('00000000-0000-0000-0000-000000000000') AS addition,
    sent_by AS sender
FROM
(
    SELECT
        pass, posted_at, trace_id, start_ns,
        span_id AS span_ids,
        day AS days,
        amount AS amounts,
        of(agents, agent) AS own_agents,
        of(agents, pool) AS pools,
        of(provider, charge) AS providers,
        of(model, charge) AS models,
        of(bucket, charge) AS buckets,
        of(repricing, charge) AS repricings,
        of(is_unobserved, charge) AS are_beyond,
        of(first_postings.team, initiator) AS teams,
        of(first_postings.department, initiator) AS departments,
        of(first_postings.cost_center, initiator) AS cost_centers,
        of(first_postings.project, initiator) AS projects,
        of(first_postings.environment, initiator) AS environments,
        of(first_postings.user, initiator) AS users,
        of(first_postings.task, initiator) AS tasks,
        of(first_postings.workflow, initiator) AS workflows,
        if(empty(first_postings.sender), arrayMap(_ -> senders[1], span_id), of(senders, first_postings.sender)) AS sent_bys
    FROM first_postings
)
ARRAY JOIN
    span_ids AS span, start_ns AS started, days AS booked, amounts AS usd, own_agents AS each_agent, pools AS each_pool,
    providers AS each_provider, models AS each_model, buckets AS each_bucket, repricings AS repriced, are_beyond AS is_beyond,
    teams AS payer, departments AS payers_department, cost_centers AS payers_cost_center, projects AS each_project,
    environments AS each_environment, users AS each_user, tasks AS each_task, workflows AS each_workflow,
    sent_bys AS sent_by
