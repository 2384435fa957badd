-- Traits: trees
-- Purpose: Which traits the spans of the batch have that few batches have: stages that need one of them are run only where it is there.
-- Grain: one row
-- Columns:
--     several_records Bool: a trace with a path has two records of calls, so one may tell the call of another, or the sum of others
--     aggregates Bool: a span tells totals
--     shared_responses Bool: two records have one response id
--     log_events Bool: a log event or a file may tell what a span tells
--     several_fees Bool: two spans of a trace with a path tell a tool's fee
--     own_time Bool: a span is paid by the second
--     links Bool: a span has links
--     sessions Bool: the first span of a session is known
--     closed_months Bool: a month was closed
SELECT
    countIf(notEmpty(jumps) AND arrayCount(f -> bitTest(f, 2), flags) > 1) > 0 AS several_records,
    countIf(arrayExists(f -> bitTest(f, 1), flags)) > 0 AS aggregates,
    sum(length(ids)) > uniqExactArray(ids) AS shared_responses,
    countIf(arrayExists((id, f) -> id != 0 AND bitAnd(f, 20480) != 0, span.event_hash, flags)) > 0 AS log_events,
    countIf(notEmpty(jumps) AND arrayCount(fee -> fee != 0, tool) > 1) > 0 AS several_fees,
    countIf(has(has_own_time_price, true)) > 0 AS own_time,
    countIf(notEmpty(links)) > 0 AS links,
    (SELECT count() FROM {session_starts:Identifier}) > 0 AS sessions,
    (SELECT count() FROM period_states) > 0 AS closed_months
FROM
(
    SELECT *, arrayFilter((id, f) -> id != 0 AND bitTest(f, 2), span.response_hash, flags) AS ids
    FROM {trees:Identifier}
)
