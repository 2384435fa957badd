-- View: anomalies
-- Purpose: What cost or used far more than what went before it, and agents on their first day.
-- Grain: a day, kind and subject (day, kind, subject)
-- Joins: traces on workflow or task; costs_by_agent on agent
-- Columns:
--     day Date: the day; of workflows and tasks the UTC day on which their traces begin, of agents the day in the configured zone
--     kind String: task_cost (more than 3 times what tasks of the workflow cost on average in the 7 days before), workflow_2_sigma and
--        workflow_3_sigma (a day beyond so many standard deviations of the 30 days before, working days and weekends apart),
--        agent_tokens (more than 10 times the average day of the 30 before), new_agent (its first day)
--     subject String: the task, workflow or agent
--     unit String: USD or tokens
--     value Decimal(38, 12): what it was
--     expected Nullable(Decimal(38, 12)): what the days before say; NULL: there are none
--     by_volume Nullable(Decimal(38, 12)): what of the difference is for more traces or calls, at what each was before
--     by_each Nullable(Decimal(38, 12)): the rest of it: what each trace or call was more; both sum to value - expected
-- Holds: Only days before count, so no anomaly hides itself. A deviation is at least a twentieth of the average: where every day was the
--        same, a cent more is none. Sums over fewer than 4 days say nothing.
-- Example: SELECT day, kind, subject, value, expected FROM anomalies WHERE day >= today() - 7 ORDER BY day DESC, value DESC
WITH
    task_costs AS
    (
        SELECT toDate(start_time) AS day, workflow, if(task = '', trace_id, task) AS subject, sum(cost) AS usd
        FROM traces
        WHERE workflow != ''
        GROUP BY day, workflow, subject
    ),
    days_of_tasks AS
    (
        SELECT day AS before_day, workflow, sum(usd) AS usd, count() AS tasks
        FROM task_costs
        GROUP BY day, workflow
    ),
    days_of_workflows AS
    (
        SELECT toDate(start_time) AS day, workflow AS subject, sum(cost) AS used, count() AS n
        FROM traces
        WHERE workflow != ''
        GROUP BY day, subject
    ),
    days_of_agents AS
    (
        SELECT day, agent AS subject, CAST(sum(ifNull(input_tokens, 0) + ifNull(output_tokens, 0)), 'Decimal(38, 12)') AS used, count() AS n
        FROM attributed_spans
        WHERE billable AND usage != 'none' AND agent != ''
        GROUP BY day, subject
    ),
    first_days AS
    (
        SELECT agent AS subject, min(day) AS first_day, argMin(own_cost, day) AS usd
        FROM costs_by_agent
        GROUP BY subject
    ),
    compared AS
    (
        SELECT
            day, 'task_cost' AS kind, subject, 'USD' AS unit, any(task_costs.usd) AS value, toUInt64(1) AS n, toDecimal256(1, 12) AS usual_n,
            toDecimal256(sum(before.usd), 12) / sum(before.tasks) AS usual, 3 * usual AS limit_value
        FROM task_costs
        INNER JOIN days_of_tasks AS before ON task_costs.workflow = before.workflow
        WHERE before_day < day AND before_day >= day - 7
        GROUP BY day, workflow, subject
        UNION ALL
        SELECT
            days.day, if(toFloat64(any(days.used)) > toFloat64(usual) + 3 * deviation, 'workflow_3_sigma', 'workflow_2_sigma'),
            days.subject, 'USD', any(days.used), any(days.n), toDecimal256(sum(before.n), 12) / count(),
            toDecimal256(sum(before.used), 12) / count() AS usual,
            usual + toDecimal256(2 * (greatest(stddevPop(toFloat64(before.used)), toFloat64(usual) / 20) AS deviation), 12)
        FROM days_of_workflows AS days
        INNER JOIN days_of_workflows AS before ON days.subject = before.subject
        WHERE before.day < days.day AND before.day >= days.day - 30
            AND (toDayOfWeek(before.day) > 5) = (toDayOfWeek(days.day) > 5)
        GROUP BY days.day, days.subject
        HAVING count() >= 4
        UNION ALL
        SELECT
            days.day, 'agent_tokens', days.subject, 'tokens', any(days.used), any(days.n), toDecimal256(sum(before.n), 12) / count(),
            toDecimal256(sum(before.used), 12) / count() AS usual, 10 * usual
        FROM days_of_agents AS days
        INNER JOIN days_of_agents AS before ON days.subject = before.subject
        WHERE before.day < days.day AND before.day >= days.day - 30
        GROUP BY days.day, days.subject
        HAVING count() >= 4
    )
SELECT
    day, kind, subject, unit, value,
    CAST(usual, 'Nullable(Decimal(38, 12))') AS expected,
    CAST((toDecimal256(n, 12) - usual_n) * (usual / usual_n), 'Nullable(Decimal(38, 12))') AS by_volume,
    value - expected - by_volume AS by_each
FROM compared
WHERE toDecimal256(value, 12) > limit_value
UNION ALL
SELECT first_day, 'new_agent', subject, 'USD', usd, NULL, NULL, NULL
FROM first_days
WHERE first_day > (SELECT min(first_day) FROM first_days)
