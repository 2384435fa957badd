-- Purpose: How much of what each provider billed the ledger has, day by day, as far as it was reconciled.
-- Grain: a provider and day, the latest first
-- Holds: What the ledger has beyond the invoice, kind '(ledger)', explains nothing of it.
SELECT
    provider,
    day,
    sum(found.billed) AS usd_billed,
    sum(found.explained) AS usd_explained,
    sum(found.unseen) AS usd_unseen,
    sum(found.variance) AS usd_variance,
    if(usd_billed = 0, NULL, toDecimal128(toDecimal256(sumIf(found.explained, found.kind != '(ledger)'), 12) / toDecimal256(usd_billed, 12), 4)) AS coverage,
    argMaxIf(found.reason, abs(found.unseen) + abs(found.variance), found.reason != '') AS main_reason,
    max(found.at) AS reconciled_at
FROM reconciliations_found AS found
WHERE day BETWEEN {first:Date} AND {last:Date}
GROUP BY provider, day
ORDER BY day DESC, provider
LIMIT {rows_max:UInt32}
