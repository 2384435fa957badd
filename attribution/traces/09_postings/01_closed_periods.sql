-- Work table: closed_periods
-- Purpose: The month in which cost of a closed month is booked: the earliest open month after it, on its first day (R12). Cost of a month
--          that is not here is booked in the month in which it arose.
-- Grain: a closed month (period)
-- Needs: closed_months
-- Columns:
--     period String: the closed month
--     booked_period String: month in which its late cost is booked
--     booked_day Date: first day of that month
WITH
    closed AS (SELECT period FROM closings WHERE stands AND state = 'closed'),
    open AS
    (
        SELECT formatDateTime(addMonths(toDate(concat(period, '-01')), 1), '%Y-%m') AS month
        FROM closed
        WHERE month NOT IN (SELECT period FROM closed)
    )
SELECT
    toString(closed.period) AS period,
    min(month) AS booked_period,
    toDate(concat(booked_period, '-01')) AS booked_day
FROM closed
CROSS JOIN open
WHERE month > closed.period
GROUP BY period
