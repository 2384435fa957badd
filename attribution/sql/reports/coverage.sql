-- Purpose: how much of the cost of the days found a team, and what could not be priced.
-- Grain:   one row.
SELECT
    (SELECT sum(total) FROM costs_by_team WHERE day BETWEEN {first:Date} AND {last:Date}) AS total,
    (SELECT sumIf(total, team != '') FROM costs_by_team WHERE day BETWEEN {first:Date} AND {last:Date}) AS attributed,
    (
        SELECT countIf(billable AND (cost IS NULL OR (cost_source = 'unpriced' AND unbilled_reason = '')))
        FROM attributed_spans
        WHERE day BETWEEN {first:Date} AND {last:Date}
    ) AS unpriced_spans
