-- Purpose: A closed month in which what a team is charged is not its cost and the variances: charge by charge, or beside its statement.
-- Grain: a closed month, team and charge; of a whole team the charge is empty
WITH
    lines AS
    (
        SELECT
            period, team, if(section = 'variance', detail, item) AS charge,
            if(section = 'charged', amount, 0) AS charged, if(section = 'covered', amount, 0) AS covered,
            if(section = 'variance', amount, 0) AS varied
        FROM statement_items
        WHERE section IN ('charged', 'covered', 'variance')
            AND (period, version) IN (SELECT period, version FROM closings WHERE stands AND state = 'closed')
    )
SELECT
    'charge does not balance' AS audit,
    concat(
        period, ': team ', team, if(charge = '', '', concat(', charge ', charge)), ': charged ', toString(sum(charged)), ', cost ',
        toString(sum(covered)), ', variance ', toString(sum(varied))) AS detail,
    '' AS trace_id,
    '' AS span_id,
    sum(charged) - sum(covered) - sum(varied) AS amount,
    '' AS sender
FROM
(
    SELECT period, team, charge, charged, covered, varied
    FROM lines
    UNION ALL
    SELECT period, team, '', sum(charged), toDecimal128(0, 12), sum(varied)
    FROM lines
    GROUP BY period, team
    UNION ALL
    SELECT period, team, '', toDecimal128(0, 12), total, toDecimal128(0, 12)
    FROM statements
    WHERE period IN (SELECT period FROM lines)
)
GROUP BY period, team, charge
HAVING amount != 0
