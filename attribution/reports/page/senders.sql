-- Purpose: What became of the spans of each sender, by the day of their receipt.
-- Grain: a day and sender
SELECT day, sender, received, rejected, waiting, quarantined, dropped, delivered
FROM senders
WHERE day BETWEEN {first:Date} AND {last:Date}
ORDER BY day DESC, received DESC, sender
LIMIT {rows_max:UInt32}
