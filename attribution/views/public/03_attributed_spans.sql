-- View: attributed_spans
-- Purpose: Every span with who started it, whose agent did it, and whether it is billed.
-- Grain: a span that attribution has seen (trace_id, span_id, sender)
-- Joins: ledger on trace_id, span_id; traces on trace_id
-- Columns:
--     trace_id String: trace, 32 hex digits
--     span_id String: span, 16 hex digits
--     parent_span_id String: the span above it; empty: it is a root
--     name LowCardinality(String): name of the span
--     kind LowCardinality(String): Unspecified, Internal, Server, Client, Producer or Consumer
--     service LowCardinality(String): service.name of its resource
--     start_time DateTime64(9, 'UTC'): when it began
--     end_time DateTime64(9, 'UTC'): when it ended
--     duration_ns UInt64: how long it took, ns
--     status LowCardinality(String): Unset, Ok or Error
--     provider LowCardinality(String): who bills the call
--     model LowCardinality(String): the model that answered, else the one that was asked for
--     input_tokens Nullable(UInt64): the whole prompt, cache included; NULL: unknown
--     output_tokens Nullable(UInt64): the whole answer, reasoning included; NULL: unknown
--     cache_read_tokens Nullable(UInt64): part of input_tokens that came from a cache; NULL: unknown
--     cache_write_tokens Nullable(UInt64): part of input_tokens that was written to a cache; NULL: unknown
--     reasoning_tokens Nullable(UInt64): part of output_tokens; NULL: unknown
--     bucket LowCardinality(String): kind of cost: llm, tool, compute, storage, orchestration, human_review or platform
--     cost Nullable(Decimal(38, 12)): the span's own figure in USD; what is billed where its own time costs, where it is billed for a call
--         that several records tell, and of an aggregate that is billed for what no call below it tells; NULL: unknown
--     cost_source LowCardinality(String): reported, contract, priced, rule, unpriced or none
--     price_id LowCardinality(String): the price that was used
--     attributes Map(LowCardinality(String), String): attributes of the span
--     resource Map(LowCardinality(String), String): attributes of its resource
--     usage LowCardinality(String): what the figures are: leaf (one call), aggregate (totals) or none
--     reported_cost Nullable(Decimal(38, 12)): USD that the emitter reported; NULL: nothing
--     computed_cost Nullable(Decimal(38, 12)): USD that the prices say; NULL: unknown
--     response_id String: id of the provider's response
--     repriced_at Nullable(DateTime64(9, 'UTC')): when a later price book priced the span again; NULL: it was priced on receipt
--     own_time_rate Nullable(Decimal(38, 18)): USD a second of the span's own time; NULL: none, or not known
--     own_time_price_id LowCardinality(String): the rule that prices the own time; empty: none
--     task_type String: kind of the task, as the span names it, else its resource
--     sender LowCardinality(String): who sent it, by the ingest key; empty: there are no keys
--     signal LowCardinality(String): what it was sent as: span or log; file: it was kept in one and imported
--     billable Bool: it is billed
--     unbilled_reason String: why what it used is not billed: aggregate or duplicate; empty: it is billed
--     amount Decimal(38, 12): USD billed of the span
--     unobserved Nullable(Decimal(38, 12)): USD that an unbilled aggregate says beyond all that is billed or said below it; it is billed
--         where the aggregate is billable; NULL: no such aggregate
--     root_span_id String: its local root
--     period String: month, such as 2026-10, in the configured zone
--     day Date: day in the configured zone
--     team String: team that started the work; empty: nobody was found
--     department String: department of the team
--     cost_center String: cost center of the team
--     project String: project that the work is for
--     environment String: environment, such as production
--     user String: user who started the work
--     session String: session that the work is part of
--     task String: task that the work is part of; the trace where nobody names one
--     workflow String: workflow that was started
--     agent String: the agent whose cost it is
--     agent_entry Bool: the span enters the agent
--     reentrant Bool: the span enters an agent that is above it already
--     path_agents Array(String): agents on the path down to the span
--     pool String: the pool; empty: none
--     call_id String: the record at which its call is billed, as trace:span; records that share it tell one call; empty: it tells none
--     flags Array(String): orphan: names a parent that is not there; cycle: first of a loop of parent pointers; split: its
--         cost is split by link among several initiators, of which the first one is shown
--     initiator_source String: how the team was found: said (of the work), link, sender (said of it), trace, session or
--         owner; empty: it was not
-- Holds: The billed cost is sum(amount), or sum(cost) where billable. A call that several records tell is billed at one of them, by the
--        price, model and tokens of the one that knows most. A span whose own time costs is billable for that time, whatever becomes of
--        what it used: its cost is then what it is billed, and unbilled_reason says why what it used is not. An aggregate that is the only
--        witness of a call is billable for what it tells beyond the others. Of a span that was let go of (view `prunings`) the figures stay
--        here: its attributes, resource, kind and status are empty.
-- Example: SELECT name, model, amount, unbilled_reason FROM attributed_spans WHERE team = 'sales' ORDER BY amount DESC LIMIT 10
SELECT
    trace_id,
    span_id,
    parent_span_id,
    name,
    kind,
    service,
    start_time,
    start_time + toIntervalNanosecond(duration_ns) AS end_time,
    duration_ns,
    status,
    provider,
    model,
    input_tokens,
    output_tokens,
    cache_read_tokens,
    cache_write_tokens,
    reasoning_tokens,
    bucket,
    multiIf(
        NOT decided.billable, span_contents.cost,
        decided.amount != 0 OR own_time_rate IS NOT NULL
            OR (usage != 'none' AND decided.unbilled_reason = '' AND NOT decided.is_unpriced), decided.amount,
        NULL) AS cost,
    cost_source,
    price_id,
    attributes,
    resource,
    CAST(usage, 'LowCardinality(String)') AS usage,
    reported_cost,
    computed_cost,
    response_id,
    repriced_at,
    own_time_rate,
    own_time_price_id,
    if(span_task_type != '', span_task_type, resource_task_type) AS task_type,
    sender,
    signal,
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
    decided.call_id         AS call_id,
    decided.flags           AS flags,
    decided.initiator_source AS initiator_source
FROM span_contents
INNER JOIN decisions AS decided USING (trace_id, span_id, sender)
