-- Purpose: Traces whose postings differ from the billed amounts of their spans.
-- Grain: a trace
-- Holds: {among} says which traces are looked at. The two sides are compared as one sum of amounts, each multiplied by a number below a
--        million that the span's id hashes to: the sums agree only where the amounts of every span agree.
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
