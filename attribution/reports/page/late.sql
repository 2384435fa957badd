-- Purpose: Cost that came for months that were closed, and is booked in some days.
-- Grain: a month in which cost arose, one in which it is booked, and a team
SELECT effective_period, period, team, sum(amount) AS amount_late
FROM ledger_days
WHERE day BETWEEN {first:Date} AND {last:Date} AND effective_period != period
GROUP BY effective_period, period, team
HAVING amount_late != 0
ORDER BY period DESC, effective_period DESC, amount_late DESC, team
LIMIT {rows_max:UInt32}
