-- View: anomalies
-- Purpose: What cost or used far more than what went before it, and why, and agents on their first day; of the last 13 weeks.
-- Grain: a day, kind, subject and workflow (day, kind, subject, workflow)
-- Joins: attributed_spans on the column that the scope names and on workflow, its days from since to day
-- Columns:
--     day Date: the day in the configured zone; of what is found week by week, the Sunday on which the week ends
--     since Date: the first day of what is measured: the day itself, or the Monday of the week
--     kind String: task_cost (more than 3 times what tasks of the workflow cost on average in the 7 days before), workflow_2_sigma and
--        workflow_3_sigma (a workflow's day beyond so many standard deviations of the 30 days before, working days and weekends apart),
--        cost_growth (the week of a workflow or team costs more than the week before, and a trace in it more than 1.25 times what one cost
--        there: cost grows faster than use), cost_per_task (a task of a workflow costs in a week more than 1.25 times what one cost in the
--        4 weeks before), agent_tokens (more than 10 times the average day of the 30 before), new_agent (its first day)
--     scope String: what the subject is: task, workflow, team or agent
--     subject String: the task, workflow, team or agent
--     workflow String: the workflow, also of a task; empty: it is about a team or an agent
--     teams Array(String): the teams that started it or what it is measured by, '' where nobody was found; none: it is a new agent
--     unit String: USD or tokens
--     value Decimal(38, 12): what it was
--     expected Nullable(Decimal(38, 12)): what the days before say; NULL: there are none
--     by_volume Nullable(Decimal(38, 12)): what of the difference is for more traces, at what each cost before; of a cost per task, for
--        more traces a task
--     by_fan_out Nullable(Decimal(38, 12)): for more calls a trace, at what each cost before
--     by_tokens Nullable(Decimal(38, 12)): for more tokens a call, at what each cost before
--     by_mix Nullable(Decimal(38, 12)): for other models, at what their tokens cost before; a new model at what they cost now
--     by_price Nullable(Decimal(38, 12)): for other prices of the same models, and for dearer sorts of tokens, such as less from a cache
-- Holds: by_volume + by_fan_out + by_tokens + by_mix + by_price = value - expected, to the last digit. Only days before count, and of
--        them none that is far out itself, above the median by more than 5 times 1.4826 times the median deviation, or by a quarter where
--        that is more: so no anomaly hides itself or the next one. A standard deviation is at least a twentieth of the average: where every
--        day was the same, a cent more is none. Fewer than 4 days before say nothing, of cost_per_task 8. Of a week at least 4 days that are
--        not far out among its own must cost so much more, and 1 USD in all, so that a bad day is no growth. A trace or task counts on each
--        day on which it has calls, and a trace for each of its tasks. What has no tokens, such as a tool, counts as one unit a call; a call
--        without a price counts only as tokens of its agent.
-- Example: SELECT day, kind, subject, value, expected FROM anomalies WHERE day >= today() - 7 ORDER BY day DESC, value DESC
WITH
    -- With digits to spare, so that quotients that are equal stay so when they are rounded.
    amount -> toDecimal256(amount, 24) AS exact,
    amount -> CAST(round(amount, 12), 'Decimal(38, 12)') AS rounded,
    measures -> arrayReduce('medianExact', measures) AS median,
    measures -> median(measures)
        + 5 * greatest(1.4826 * median(arrayMap(x -> abs(x - median(measures)), measures)), median(measures) / 20) AS far,
    (some, measures) -> arrayFilter((_, m) -> m <= far(measures), some, measures) AS usual,
    -- Whether a use costs more than 1.25 times one of before, and all of them 1 USD more.
    (amount, uses, before, uses_before) -> exact(amount) * uses_before * 4 > exact(before) * uses * 5
        AND exact(amount) - exact(before) * uses / greatest(uses_before, 1) >= 1 AS grows,
    (values, sorts, low) -> arraySum(arrayFilter((_, sort) -> bitAnd(sort, 1) = low, values, sorts)) AS total,
    -- A trace's calls of one sort. The lowest bit of a sort says whether its units are tokens.
    calls AS
    (
        SELECT
            day, team, workflow, agent, task, trace_id,
            usage = 'leaf' AND (ifNull(input_tokens, 0) + ifNull(output_tokens, 0) > 0) AS has_tokens,
            bitOr(bitShiftLeft(cityHash64(provider, model, bucket), 1), has_tokens) AS sort,
            attributed_spans.cost IS NULL AS is_unpriced,
            count() AS n,
            if(has_tokens, sum(ifNull(input_tokens, 0) + ifNull(output_tokens, 0)), n) AS units,
            sum(amount) AS usd
        FROM attributed_spans
        WHERE billable AND (usage != 'none' OR amount != 0)
            AND start_time >= (SELECT toDateTime64(max(agent_days.day), 9, 'UTC') - toIntervalWeek(18) FROM agent_days)
        GROUP BY ALL
    ),
    -- Of an agent tokens are measured: each is 1.
    tasks AS
    (
        SELECT
            what.1 AS scope, what.2 AS subject, day, if(scope = 'workflow', task, '') AS name,
            uniqExact(trace_id) AS of_traces,
            groupUniqArray(team) AS teams,
            CAST(
                sumMap(
                    [if(scope = 'agent', 1, sort)], [toUInt64(n)], [toUInt64(units)], [if(scope = 'agent', toDecimal128(units, 12), usd)]),
                'Tuple(sorts Array(UInt64), calls Array(UInt64), units Array(UInt64), amounts Array(Decimal(38, 12)))') AS used
        FROM calls
        ARRAY JOIN [('workflow', workflow), ('team', team), ('agent', agent)] AS what
        WHERE subject != '' AND if(scope = 'agent', has_tokens, NOT is_unpriced)
        GROUP BY scope, subject, day, name
    ),
    days AS
    (
        SELECT
            scope, subject, day, sum(of_traces) AS traces, count() AS number_of_tasks, groupUniqArrayArray(tasks.teams) AS teams,
            CAST(
                sumMap(tasks.used.sorts, tasks.used.calls, tasks.used.units, tasks.used.amounts),
                'Tuple(sorts Array(UInt64), calls Array(UInt64), units Array(UInt64), amounts Array(Decimal(38, 12)))') AS used,
            arraySum(used.amounts) AS amount,
            CAST(
                (day, traces, number_of_tasks, amount, toFloat64(amount), toFloat64(amount) / traces, toFloat64(amount) / number_of_tasks),
                'Tuple(
                    day Date, traces UInt64, tasks UInt64, amount Decimal(38, 12), cost Float64, of_trace Float64, of_task Float64)') AS one,
            groupArrayIf((name, of_traces, tasks.used), scope = 'workflow') AS each_task
        FROM tasks
        GROUP BY scope, subject, day
    ),
    -- With the days before that each is measured by.
    measured AS
    (
        SELECT
            *,
            toMonday(day) AS monday,
            groupArray(one) OVER (PARTITION BY scope, subject ORDER BY toInt32(day) RANGE BETWEEN 34 PRECEDING AND CURRENT ROW) AS history,
            any(day) OVER (PARTITION BY scope, subject ORDER BY toInt32(day) ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next_day,
            arrayFilter(d -> d.day < day AND d.day >= day - 7 AND scope = 'workflow', history) AS last_7,
            arrayFilter(
                d -> d.day < day AND d.day >= day - 30 AND (scope = 'agent' OR (toDayOfWeek(d.day) > 5) = (toDayOfWeek(day) > 5)),
                history) AS last_30,
            -- A week is looked at on the last of its days that has anything.
            arrayFilter(d -> d.day >= monday AND toMonday(next_day) != monday AND scope != 'agent', history) AS week,
            arrayFilter(d -> d.day < monday AND d.day >= monday - 7, history) AS last_week,
            arrayFilter(d -> d.day < monday AND d.day >= monday - 28 AND scope = 'workflow', history) AS last_28,
            usual(last_7, last_7.of_task) AS usual_7,
            usual(last_30, last_30.cost) AS usual_30,
            usual(last_week, last_week.of_trace) AS usual_week,
            usual(last_28, last_28.of_task) AS usual_28,
            usual(week, week.of_trace) AS by_traces,
            usual(week, week.of_task) AS by_tasks,
            toUInt64(7 - length(last_week) + length(usual_week)) AS days_of_week,
            arrayAvg(usual_30.cost) AS mean,
            greatest(arrayReduce('stddevPop', usual_30.cost), mean / 20) AS deviation
        FROM days
    ),
    -- What is expected is times / parts of what the days before cost; the value is that of the days from since on, by per.
    found AS
    (
        SELECT
            scope, subject, day, traces, teams, used,
            toUInt64(1) AS once,
            (toUInt64(0), used) AS no_task,
            arrayConcat(
                arrayMap(
                    task -> ('task_cost', task.1, day, day, usual_7.day, once, arraySum(usual_7.tasks), once, (task.2, task.3)),
                    arrayFilter(
                        task -> exact(arraySum(task.3.amounts)) * arraySum(usual_7.tasks) > 3 * exact(arraySum(usual_7.amount)),
                        if(empty(usual_7), [], each_task))),
                if(scope = 'workflow' AND length(usual_30) >= 4 AND one.cost > mean + 2 * deviation,
                    [(if(one.cost > mean + 3 * deviation, 'workflow_3_sigma', 'workflow_2_sigma'), subject, day, day, usual_30.day,
                        once, length(usual_30), once, no_task)], []),
                if(scope = 'agent' AND length(usual_30) >= 4 AND one.cost > 10 * mean,
                    [('agent_tokens', subject, day, day, usual_30.day, once, length(usual_30), once, no_task)], []),
                if(length(usual_week) >= 4 AND length(by_traces) >= 4
                        AND grows(
                            arraySum(by_traces.amount), arraySum(by_traces.traces),
                            arraySum(usual_week.amount), arraySum(usual_week.traces))
                        AND exact(arraySum(week.amount)) * days_of_week > 7 * exact(arraySum(usual_week.amount)),
                    [('cost_growth', subject, monday + 6, monday, usual_week.day, toUInt64(7), days_of_week, once, no_task)], []),
                if(length(usual_28) >= 8 AND length(by_tasks) >= 4
                        AND grows(arraySum(by_tasks.amount), arraySum(by_tasks.tasks), arraySum(usual_28.amount), arraySum(usual_28.tasks)),
                    [('cost_per_task', subject, monday + 6, monday, usual_28.day,
                        once, arraySum(usual_28.tasks), arraySum(week.tasks), no_task)], [])
            ) AS flags
        FROM measured
    ),
    -- Each with what the days that it is about used, and those before.
    compared AS
    (
        SELECT
            flag.1 AS kind, if(kind = 'task_cost', 'task', scope) AS scope, flag.2 AS about,
            if(found.scope = 'workflow', subject, '') AS workflow, flag.3 AS reported, flag.4 AS since,
            any(flag.6) AS times, any(flag.7) AS parts, any(flag.8) AS per,
            groupUniqArrayArray(found.teams) AS teams,
            if(kind = 'task_cost', any(flag.9.1), sumIf(found.traces, day >= since)) AS traces,
            if(
                kind = 'task_cost', any(flag.9.2),
                sumMapIf(found.used.sorts, found.used.calls, found.used.units, found.used.amounts, day >= since)) AS used,
            sumIf(found.traces, has(flag.5, day)) AS traces_before,
            sumMapIf(found.used.sorts, found.used.calls, found.used.units, found.used.amounts, has(flag.5, day)) AS used_before
        FROM
        (
            SELECT
                *,
                groupArrayArray(flags) OVER
                    (PARTITION BY scope, subject ORDER BY toInt32(day) RANGE BETWEEN CURRENT ROW AND 34 FOLLOWING) AS asked
            FROM found
        ) AS found
        ARRAY JOIN asked AS flag
        WHERE has(flag.5, day) OR day BETWEEN flag.4 AND flag.3
        GROUP BY kind, found.scope, subject, about, reported, since
    ),
    -- What it would have cost, as one after the other of what it is made of becomes that of now.
    reckoned AS
    (
        SELECT
            kind, scope, about, workflow, reported, since, teams AS compared_teams,
            rounded(exact(arraySum(used_before.4)) * times / parts) AS before,
            rounded(exact(arraySum(used_before.4)) * traces / traces_before / per) AS at_traces,
            -- What there was nothing of before is more calls.
            arrayMap(
                low -> (
                    total(used.2, used.1, low), total(used.3, used.1, low), exact(total(used.4, used.1, low)),
                    total(used_before.2, used_before.1, low), total(used_before.3, used_before.1, low),
                    exact(total(used_before.4, used_before.1, low))),
                [0, 1]) AS sorts,
            rounded(arraySum(s -> if(s.4 = 0, s.3, s.6 * s.1 / greatest(s.4, 1)), sorts) / per) AS at_calls,
            rounded(arraySum(s -> if(s.5 = 0, s.3, s.6 * s.2 / greatest(s.5, 1)), sorts) / per) AS at_tokens,
            rounded(
                arraySum(
                    (sort, units, amount) -> if(
                        has(used_before.1, sort),
                        exact(used_before.4[indexOf(used_before.1, sort)]) * units / greatest(used_before.3[indexOf(used_before.1, sort)], 1),
                        exact(amount)),
                    used.1, used.3, used.4) / per) AS at_mix,
            rounded(exact(arraySum(used.4)) / per) AS value
        FROM compared
    )
SELECT
    reported AS day, since, kind, scope, about AS subject, workflow,
    arraySort(compared_teams) AS teams,
    if(kind = 'agent_tokens', 'tokens', 'USD') AS unit,
    value,
    CAST(before, 'Nullable(Decimal(38, 12))') AS expected,
    at_traces - before AS by_volume,
    at_calls - at_traces AS by_fan_out,
    at_tokens - at_calls AS by_tokens,
    at_mix - at_tokens AS by_mix,
    value - at_mix AS by_price
FROM reckoned
WHERE day > (SELECT max(agent_days.day) - 91 FROM agent_days)
UNION ALL
SELECT first_day, first_day, 'new_agent', 'agent', agent, '', [], 'USD', usd, NULL, NULL, NULL, NULL, NULL, NULL
FROM
(
    SELECT agent, min(day) AS first_day, argMin(own_cost, day) AS usd
    FROM costs_by_agent
    GROUP BY agent
)
WHERE first_day > greatest((SELECT min(agent_days.day) FROM agent_days), (SELECT max(agent_days.day) - 91 FROM agent_days))
