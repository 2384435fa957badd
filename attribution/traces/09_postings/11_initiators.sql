-- Purpose: Adds the difference between what initiators cost by the new and by the previous decisions, and how they were found (R8, R16).
-- Grain: a key of `initiator_parts`; only keys with a difference
-- Holds: The committed rows and these rows sum to what all spans are billed, by initiator, of pools too. A second run adds no row. Decisions
--        of a Spanledger that did not say how initiators are found were never added.
INSERT INTO initiator_parts (pass, day, pool, team, initiator_source, sender, named_by, amount)
WITH
    toInt256(1000000000000) AS units_per_usd,
    (amount) -> toInt256(toDecimal256(amount, 12) * units_per_usd) AS units_of
SELECT
    {version:UInt64},
    booked,
    each_pool,
    team[part.1] AS payer,
    initiator_source[part.1] AS source,
    sent_by,
    initiator_sender[part.1] AS named_by,
    toDecimal128(
        toDecimal256(sum(sign * (intDiv(units_of(usd) * part.3, part.4) - intDiv(units_of(usd) * part.2, part.4))), 12) / units_per_usd,
        12) AS difference
FROM
(
    SELECT
        sign, team, initiator_source, initiator_sender, booked, each_pool, usd, sent_by,
        -- (initiator, links before, links up to it, all links); one of one where nothing is split.
        if(
            empty(ones),
            [(by, toInt256(0), toInt256(1), toInt256(1))],
            arrayMap((one, upto) -> (one.2, toInt256(upto - one.3), toInt256(upto), toInt256(arraySum(ones.3))), ones, arrayCumSum(ones.3))) AS parts
    FROM
    (
        SELECT
            sign, team, initiator_source, initiator_sender,
            day AS days,
            arrayMap(i -> agents[i], pool) AS pools,
            amount AS amounts,
            initiator AS initiators,
            arrayMap(i -> senders[if(empty(sender), 1, sender[i])], arrayEnumerate(amount)) AS sent_bys,
            if(
                empty(split),
                arrayMap(_ -> CAST([], 'Array(Tuple(at UInt32, initiator UInt32, links UInt32))'), amount),
                arrayMap(i -> arrayFilter(one -> one.1 = i, split), arrayEnumerate(amount))) AS splits
        FROM
        (
            SELECT
                toInt8(1) AS sign, day, pool, agents, amount, initiator, split, team, senders, sender,
                CAST(initiator_source, 'Array(LowCardinality(String))') AS initiator_source,
                CAST(initiator_sender, 'Array(LowCardinality(String))') AS initiator_sender
            FROM {decisions:Identifier}
            UNION ALL
            SELECT toInt8(-1), day, pool, agents, amount, initiator, split, team, senders, sender, initiator_source, initiator_sender
            FROM {previous_decisions:Identifier}
            WHERE notEmpty(initiator_source)
        )
    )
    ARRAY JOIN days AS booked, pools AS each_pool, amounts AS usd, initiators AS by, sent_bys AS sent_by, splits AS ones
    WHERE usd != 0
)
ARRAY JOIN parts AS part
GROUP BY booked, each_pool, payer, source, sent_by, named_by
HAVING difference != 0
