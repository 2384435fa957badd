-- Purpose: What each team pays of each month: of a closed month what it paid when the month was closed, of an open one as the ledger is now.
-- Grain: a month and team (period, team); the latest months first
-- Columns: closed_at: NULL: the month is open. charged: USD; NULL: the month is open and charge models hold, so the statement itself says it.
--          signed, signed_by, signed_at: the latest sign-off, with the USD that were signed. open_disputes: disputes without an end.
WITH
    closed AS (SELECT CAST(period, 'String') AS period, version, toNullable(at) AS closed_at FROM closings WHERE stands AND state = 'closed'),
    charged_then AS
    (
        SELECT CAST(period, 'String') AS period, CAST(team, 'String') AS team, toNullable(sum(charges.charged)) AS charged_usd
        FROM charges
        GROUP BY period, team
    )
SELECT
    period,
    team,
    closed_at,
    cost,
    if(closed_at IS NULL, if({has_charges:Bool}, NULL, cost), ifNull(charged_usd, cost)) AS charged,
    signed,
    signed_by,
    signed_at,
    open_disputes
FROM
(
    SELECT CAST(period, 'String') AS period, CAST(team, 'String') AS team, sum(usd) AS cost
    FROM
    (
        SELECT period, team, direct + allocated AS usd
        FROM statement_lines
        WHERE (period, version) IN (SELECT period, version FROM closed)
        UNION ALL
        SELECT period, team, toDecimal128(0, 12)
        FROM charged_then
        UNION ALL
        SELECT period, team, amount
        FROM ledger_days
        WHERE (pool = '' OR kind = 'allocation') AND period NOT IN (SELECT period FROM closed)
    )
    WHERE {period:String} IN ('', period){among}
    GROUP BY period, team
) AS costs
LEFT JOIN closed USING (period)
LEFT JOIN charged_then USING (period, team)
LEFT JOIN
(
    SELECT CAST(period, 'String') AS period, CAST(team, 'String') AS team, toNullable(amount) AS signed, who AS signed_by, toNullable(at) AS signed_at
    FROM sign_offs
    ORDER BY at DESC
    LIMIT 1 BY period, team
) AS signatures USING (period, team)
LEFT JOIN
(
    SELECT period, team, countIf(state = 'open') AS open_disputes
    FROM disputes
    GROUP BY period, team
) AS disputed USING (period, team)
WHERE cost != 0 OR charged != 0
ORDER BY period DESC, charged DESC, cost DESC, team
LIMIT {rows_max:UInt32}
