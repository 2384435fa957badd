-- Purpose: The postings that a number is made of.
-- Grain: a posting; the {rows_max} greatest
SELECT
    day, kind, trace_id, span_id, pool, team, agent, workflow, provider, model, bucket, user, task, amount, reason
FROM ledger
WHERE day BETWEEN {first:Date} AND {last:Date}{among}
ORDER BY abs(amount) DESC, trace_id, span_id, kind
LIMIT {rows_max:UInt32}
