-- Purpose: every span with who started it, whose agent did it, and whether it is billed.
-- Grain:   span that attribution has seen.
-- Holds:   sum(amount), or sum(cost) where billable, is the billed cost; unbilled_reason says why what the span used is not in it. A span
--          whose own time costs is billable for that time, whatever becomes of what it used: its cost is then what it is billed.
CREATE OR REPLACE VIEW attributed_spans AS
SELECT
    spans.* REPLACE
    (
        multiIf(
            own_time_price_id = '', cost,
            own_time_rate IS NULL AND (cost IS NULL OR usage = 'none' OR decided.unbilled_reason != ''), NULL,
            decided.amount) AS cost
    ),
    decided.billable        AS billable,
    decided.unbilled_reason AS unbilled_reason,
    decided.amount          AS amount,
    decided.unobserved      AS unobserved,
    decided.root_span_id    AS root_span_id,
    decided.period          AS period,
    decided.day             AS day,
    decided.team            AS team,
    decided.department      AS department,
    decided.cost_center     AS cost_center,
    decided.project         AS project,
    decided.environment     AS environment,
    decided.user            AS user,
    decided.session         AS session,
    decided.task            AS task,
    decided.workflow        AS workflow,
    decided.agent           AS agent,
    decided.agent_entry     AS agent_entry,
    decided.reentrant       AS reentrant,
    decided.path_agents     AS path_agents,
    decided.pool            AS pool,
    decided.flags           AS flags
FROM spans
INNER JOIN decisions AS decided USING (trace_id, span_id)
