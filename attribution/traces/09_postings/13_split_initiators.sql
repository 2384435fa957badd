-- Purpose: Adds the same difference as `initiators` for the spans of traces in which a cost is split between initiators (R8).
-- Grain: a key of `initiator_parts`; only keys with a difference
-- Needs: split_costs
-- Holds: What is split sums to what it was, in whole units of the 12th digit. A second run adds no row.
INSERT INTO initiator_parts (pass, day, pool, team, initiator_source, sender, named_by, amount)
WITH
    toInt256(1000000000000) AS units_per_usd,
    (usd) -> toInt256(toDecimal256(usd, 12) * units_per_usd) AS units_of
SELECT
    {version:UInt64},
    booked,
    each_pool,
    payer,
    source,
    sent_by,
    named_by,
    toDecimal128(
        toDecimal256(
            sum(sign * (intDiv(units_of(usd) * part.last, part.links) - intDiv(units_of(usd) * (part.first - 1), part.links))), 12) / units_per_usd,
        12) AS difference
FROM
(
    SELECT
        sign, parts,
        arrayMap(part -> day[part.at], parts) AS days,
        arrayMap(part -> agents[pool[part.at]], parts) AS pools,
        arrayMap(part -> amount[part.at], parts) AS amounts,
        arrayMap(part -> senders[if(empty(sender), 1, sender[part.at])], parts) AS sent_bys,
        arrayMap(part -> team[part.initiator], parts) AS payers,
        arrayMap(part -> initiator_source[part.initiator], parts) AS sources,
        arrayMap(part -> initiator_sender[part.initiator], parts) AS namers
    FROM
    (
        SELECT
            toInt8(1) AS sign, trace_id, day, pool, agents, amount, team, senders, sender,
            CAST(initiator_source, 'Array(LowCardinality(String))') AS initiator_source,
            CAST(initiator_sender, 'Array(LowCardinality(String))') AS initiator_sender
        FROM {decisions:Identifier}
        UNION ALL
        SELECT toInt8(-1), trace_id, day, pool, agents, amount, team, senders, sender, initiator_source, initiator_sender
        FROM {previous_decisions:Identifier}
        WHERE notEmpty(initiator_source)
    ) AS decisions
    INNER JOIN {split_parts:Identifier} AS split_parts ON split_parts.trace_id = decisions.trace_id AND split_parts.sign = decisions.sign
)
ARRAY JOIN
    parts AS part, days AS booked, pools AS each_pool, amounts AS usd, sent_bys AS sent_by, payers AS payer, sources AS source, namers AS named_by
WHERE usd != 0
GROUP BY booked, each_pool, payer, source, sent_by, named_by
HAVING difference != 0
