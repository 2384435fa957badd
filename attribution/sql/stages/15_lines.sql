-- Purpose: what of the decisions is posted: the spans that are billed an amount, for what they used and for their own time.
-- Grain:   trace; an array with a name in the singular has an element a posting, the others are of the distinct charges, as in
--          `first_postings`.
-- Columns: is_first: nothing is posted for the trace yet, and none of its months is closed; repriced_at: when a charge was priced anew.
-- Holds:   of one span at most one posting tells a repricing.
CREATE TABLE {lines:Identifier} ENGINE = Memory AS
WITH
    (values, at) -> arrayMap(i -> values[i], at) AS of,
    (SELECT groupArray(period) FROM {booking:Identifier}) AS closed
SELECT
    trace_id,
    NOT hasAny(arrayMap(d -> formatDateTime(d, '%Y-%m'), arrayDistinct(day)), closed)
        AND trace_id NOT IN (SELECT trace_id FROM {standing:Identifier}) AS is_first,
    of(spans_id, kept) AS span_id,
    of(spans_start_ns, kept) AS start_ns,
    of(spans_day, kept) AS day,
    amount,
    of(spans_agent, kept) AS agent,
    of(spans_pool, kept) AS pool,
    arrayMap(c -> toUInt32(c), arrayEnumerateDense(charged)) AS charge,
    of(spans_initiator, kept) AS initiator,
    agents,
    arrayMap(c -> if(c.2 = 0, joinGet({charges:String}, 'provider', c.1), ''), charges) AS provider,
    arrayMap(c -> if(c.2 = 0, joinGet({charges:String}, 'model', c.1), ''), charges) AS model,
    arrayMap(c -> if(c.2 = 0, joinGet({charges:String}, 'bucket', c.1), 'compute'), charges) AS bucket,
    arrayMap(c -> if(c.2 = 1, '', joinGet({charges:String}, 'repricing', c.1)), charges) AS repricing,
    arrayMap(c -> if(c.2 = 1, NULL, joinGet({charges:String}, 'repriced_at', c.1)), charges) AS repriced_at,
    team, department, cost_center, project, environment, user, task, workflow
FROM
(
    SELECT
        * EXCEPT (span_id, span_start_ns, day, agent, pool, initiator, charge, amount),
        span_id AS spans_id, span_start_ns AS spans_start_ns, day AS spans_day, agent AS spans_agent, pool AS spans_pool,
        initiator AS spans_initiator,
        arrayConcat(uses, times) AS kept,
        arrayConcat(of(used, uses), of(fee, times)) AS amount,
        -- With each charge: 0 what was used, 1 own time beside it, 2 own time alone, which tells a repricing.
        arrayConcat(
            arrayMap(i -> (decided.charge[i], toUInt8(0)), uses),
            arrayMap(i -> (decided.charge[i], if(used[i] != 0, toUInt8(1), toUInt8(2))), times)) AS charged,
        arrayDistinct(charged) AS charges
    FROM
    (
        SELECT
            *,
            arrayFilter((i, usd) -> usd != 0, arrayEnumerate(used), used) AS uses,
            arrayFilter((i, usd) -> usd != 0, arrayEnumerate(fee), fee) AS times
        FROM {decided:Identifier}
    ) AS decided
)
WHERE notEmpty(kept)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
