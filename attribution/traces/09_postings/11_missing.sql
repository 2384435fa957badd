-- Purpose: Adds the difference between what the cost of the traces lacks by the new and by the previous decisions (R15).
-- Grain: a key of `missing_parts`; only keys with a difference
-- Needs: missing
-- Holds: The committed rows and these rows sum to what the cost of all traces lacks. A second run adds no row.
INSERT INTO missing_parts (pass, day, team, reason, count, tokens, usd)
SELECT
    {version:UInt64},
    lack.day,
    team[lack.initiator] AS payer,
    toString(lack.reason) AS reason,
    sum(lack.count * sign) AS count_difference,
    sum(lack.tokens * sign) AS tokens_difference,
    sum(lack.usd * sign) AS usd_difference
FROM
(
    SELECT toInt8(1) AS sign, team, missing
    FROM {decisions:Identifier}
    WHERE notEmpty(missing)
    UNION ALL
    SELECT toInt8(-1), team, missing
    FROM {previous_decisions:Identifier}
    WHERE notEmpty(missing)
)
ARRAY JOIN missing AS lack
GROUP BY lack.day, payer, reason
HAVING count_difference != 0 OR tokens_difference != 0 OR usd_difference != 0
