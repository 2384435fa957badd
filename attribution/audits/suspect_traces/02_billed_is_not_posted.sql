-- Purpose: traces whose postings are not what their spans are billed.
-- Grain:   trace.
-- Holds:   {among} says which traces are looked at. What is compared is the sum of the amounts, each times a number below a million that
--          its span's id hashes to: it is the same only where that of every span is.
WITH (id) -> toInt64(cityHash64(id) % 999983) AS factor
SELECT trace_id
FROM
(
    SELECT trace_id, arraySum((usd, id) -> usd * factor(id), amount, span_id) AS balance
    FROM attributions FINAL
    PREWHERE trace_id != '' AND {among}
    UNION ALL
    SELECT trace_id, -arraySum((usd, id) -> usd * factor(id), amount, span_id)
    FROM first_postings
    WHERE pass NOT IN (SELECT pass FROM uncommitted_passes) AND {among}
    UNION ALL
    SELECT trace_id, -amount * factor(span_id)
    FROM postings
    WHERE trace_id != '' AND pass NOT IN (SELECT pass FROM uncommitted_passes) AND {among}
)
GROUP BY trace_id
HAVING sum(balance) != 0 AND trace_id NOT IN (SELECT trace_id FROM pending WHERE {among})
