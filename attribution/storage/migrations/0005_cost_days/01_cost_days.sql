-- Purpose: Fills the days of cost with what was posted before there were any. Passes that are not rolled up yet are left out: that comes
--          when they are recovered. What was added already, by a run that was killed, is kept once.
-- Grain: a day and its dimensions
INSERT INTO cost_days
(
    period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task, amount
)
SETTINGS insert_deduplicate = 1, insert_deduplication_token = 'migration to cost_days', max_threads = 1
WITH
    (values, nth) -> arrayMap(i -> values[i], nth) AS of,
    not_rolled_up AS
    (
        SELECT pass
        FROM passes
        GROUP BY pass
        HAVING countIf(state = 'rolled up') = 0
    )
SELECT
    period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task,
    sum(usd) AS difference
FROM
(
    SELECT
        pass, period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user,
        task, amount AS usd
    FROM postings
    UNION ALL
    SELECT
        pass, formatDateTime(booked, '%Y-%m'), booked, multiIf(is_beyond, 'unobserved', repriced != '', 'repricing', each_pool = '', 'direct', 'pool'), each_pool,
        if(each_pool = '', payer, ''), if(each_pool = '', payers_department, ''), if(each_pool = '', payers_cost_center, ''),
        each_project, each_environment, each_workflow, each_agent, each_provider, each_model, each_bucket, each_user, each_task, posted
    FROM
    (
        SELECT
            pass,
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
            of(first_postings.workflow, initiator) AS workflows
        FROM first_postings
    )
    ARRAY JOIN
        days AS booked, amounts AS posted, own_agents AS each_agent, pools AS each_pool, providers AS each_provider, models AS each_model,
        buckets AS each_bucket, repricings AS repriced, are_beyond AS is_beyond, teams AS payer, departments AS payers_department,
        cost_centers AS payers_cost_center, projects AS each_project, environments AS each_environment, users AS each_user,
        tasks AS each_task, workflows AS each_workflow
)
WHERE pass NOT IN (SELECT pass FROM not_rolled_up)
GROUP BY period, day, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task
HAVING difference != 0
ORDER BY day, period, kind, pool, team, department, cost_center, project, environment, workflow, agent, provider, model, bucket, user, task
