-- View: disputes
-- Purpose: What teams said against lines of their statements, and what became of it.
-- Grain: a dispute (dispute)
-- Joins: ledger on reason, which names the dispute
-- Columns:
--     dispute UUID: the dispute
--     period String: month of the statement
--     team String: team whose statement it is
--     section String: section of the line
--     item String: item of the line
--     detail String: detail of the line
--     amount Decimal(38, 12): USD that are disputed
--     state String: open, settled or rejected
--     opened_at DateTime64(9, 'UTC'): when it was opened
--     opened_by String: who opened it
--     reason String: why
--     answers Array(String): what was answered, in order
--     settled Nullable(Decimal(38, 12)): USD that the team pays less; NULL: it is not settled
--     payer String: team that pays instead; empty: it is not settled, or nobody is known
--     ended_at Nullable(DateTime64(9, 'UTC')): when it was settled or rejected; NULL: it is open
--     ended_by String: who approved or rejected it
--     outcome String: why it was settled or rejected so
-- Example: SELECT period, team, item, amount, reason FROM disputes WHERE state = 'open' ORDER BY opened_at
SELECT
    dispute,
    anyIf(period, kind = 'opened') AS period,
    anyIf(team, kind = 'opened') AS team,
    anyIf(section, kind = 'opened') AS section,
    anyIf(item, kind = 'opened') AS item,
    anyIf(detail, kind = 'opened') AS detail,
    anyIf(events.amount, kind = 'opened') AS amount,
    multiIf(countIf(kind = 'settled') > 0, 'settled', countIf(kind = 'rejected') > 0, 'rejected', 'open') AS state,
    minIf(at, kind = 'opened') AS opened_at,
    anyIf(who, kind = 'opened') AS opened_by,
    anyIf(events.reason, kind = 'opened') AS reason,
    arrayMap(one -> one.2, arraySort(groupArrayIf((at, events.reason), kind = 'answered'))) AS answers,
    anyOrNullIf(events.amount, kind = 'settled') AS settled,
    anyIf(events.payer, kind = 'settled') AS payer,
    minOrNullIf(at, kind IN ('settled', 'rejected')) AS ended_at,
    anyIf(who, kind IN ('settled', 'rejected')) AS ended_by,
    anyIf(events.reason, kind IN ('settled', 'rejected')) AS outcome
FROM dispute_events AS events
GROUP BY dispute
