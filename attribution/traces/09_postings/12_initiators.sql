-- Purpose: Adds the difference between what initiators cost by the new and by the previous decisions, and how they were found (R8, R16).
-- Grain: a key of `initiator_parts`; only keys with a difference
-- Holds: The committed rows and these rows, with those of `split_initiators`, sum to what all spans are billed, by initiator, of pools too. A
--        second run adds no row. Decisions of a Spanledger that did not say how initiators are found were never added.
INSERT INTO initiator_parts (pass, day, pool, team, initiator_source, sender, named_by, amount)
SELECT
    {version:UInt64},
    booked,
    each_pool,
    team[by] AS payer,
    initiator_source[by] AS source,
    sent_by,
    initiator_sender[by] AS named_by,
    sum(sign * usd) AS difference
FROM
(
    SELECT
        sign, team, initiator_source, initiator_sender,
        day AS days,
        arrayMap(i -> agents[i], pool) AS pools,
        amount AS amounts,
        initiator AS initiators,
        arrayMap(i -> senders[if(empty(sender), 1, sender[i])], arrayEnumerate(amount)) AS sent_bys
    FROM
    (
        SELECT
            toInt8(1) AS sign, day, pool, agents, amount, initiator, team, senders, sender,
            CAST(initiator_source, 'Array(LowCardinality(String))') AS initiator_source,
            CAST(initiator_sender, 'Array(LowCardinality(String))') AS initiator_sender
        FROM {decisions:Identifier}
        WHERE empty(split)
        UNION ALL
        SELECT toInt8(-1), day, pool, agents, amount, initiator, team, senders, sender, initiator_source, initiator_sender
        FROM {previous_decisions:Identifier}
        WHERE empty(split) AND notEmpty(initiator_source)
    )
)
ARRAY JOIN days AS booked, pools AS each_pool, amounts AS usd, initiators AS by, sent_bys AS sent_by
WHERE usd != 0
GROUP BY booked, each_pool, payer, source, sent_by, named_by
HAVING difference != 0
