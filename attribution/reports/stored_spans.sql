-- Purpose: How many spans of each sender are stored, each once, and how many its collectors delivered.
-- Grain: a sender
SELECT
    sender,
    sum(stored) AS stored,
    sum(delivered) AS delivered
FROM
(
    SELECT sender, count() AS stored, 0 AS delivered
    FROM span_records FINAL
    WHERE source_table = ''
    GROUP BY sender
    UNION ALL
    SELECT sender, 0, sum(delivered)
    FROM sender_days FINAL
    GROUP BY sender
)
GROUP BY sender
ORDER BY sender
