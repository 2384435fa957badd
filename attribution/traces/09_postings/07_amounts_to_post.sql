-- Work table: amounts_to_post
-- Purpose: The amounts that the decisions bill: one posting for what a span used, one for its own time, one for what an aggregate says
--          beyond the calls below it.
-- Grain: a trace (trace_id); columns are arrays over its postings, its charges or its initiators, as in `first_postings`
-- Columns:
--     trace_id String: the trace
--     is_first UInt8: nothing is posted for the trace yet, and none of its months is closed
--     span_id Array(String): span of each posting
--     start_ns Array(Int64): start of the span, ns since the epoch
--     day Array(Date): day of the start in the configured zone
--     amount Array(Decimal(38, 12)): USD
--     agent Array(UInt32): index into `agents`
--     pool Array(UInt32): index of the pool in `agents`, 0: none
--     charge Array(UInt32): index into the charges
--     initiator Array(UInt32): index into the initiators
--     agents Array(String): the distinct agents
--     provider Array(String): who bills each charge
--     model Array(String): model of each charge
--     bucket Array(String): kind of cost of each charge
--     repricing Array(String): from and to which price each charge was priced again; empty: it was not
--     is_unobserved Array(Bool): the charge is for what no call below tells
--     repriced_at Array(Nullable(DateTime64(9, 'UTC'))): when that was
--     team Array(String): team of each initiator
--     department Array(String): department of each initiator
--     cost_center Array(String): cost_center of each initiator
--     project Array(String): project of each initiator
--     environment Array(String): environment of each initiator
--     user Array(String): user of each initiator
--     task Array(String): task of each initiator
--     workflow Array(String): workflow of each initiator
--     senders Array(String): the senders of the trace
--     sender Array(UInt32): sender of each posting, as an index into the senders; empty: there is one
-- Holds: At most one posting of a span names a repricing.
WITH
    (values, at) -> arrayMap(i -> values[i], at) AS of,
    (SELECT groupArray(period) FROM {closed_periods:Identifier}) AS closed
SELECT
    trace_id,
    NOT hasAny(arrayMap(d -> formatDateTime(d, '%Y-%m'), arrayDistinct(day)), closed)
        AND trace_id NOT IN (SELECT trace_id FROM {previous_decisions:Identifier}) AS is_first,
    of(spans_id, kept) AS span_id,
    of(spans_start_ns, kept) AS start_ns,
    of(spans_day, kept) AS day,
    amount,
    of(spans_agent, kept) AS agent,
    of(spans_pool, kept) AS pool,
    arrayMap(c -> toUInt32(c), arrayEnumerateDense(charged)) AS charge,
    kept_initiator AS initiator,
    agents,
    arrayMap(c -> if(c.2 IN (0, 3), joinGet({charge_lookup:String}, 'provider', c.1), ''), charges) AS provider,
    arrayMap(c -> if(c.2 IN (0, 3), joinGet({charge_lookup:String}, 'model', c.1), ''), charges) AS model,
    arrayMap(c -> if(c.2 IN (0, 3), joinGet({charge_lookup:String}, 'bucket', c.1), 'compute'), charges) AS bucket,
    arrayMap(c -> if(c.2 = 1, '', joinGet({charge_lookup:String}, 'repricing', c.1)), charges) AS repricing,
    arrayMap(c -> c.2 = 3, charges) AS is_unobserved,
    arrayMap(c -> if(c.2 = 1, NULL, joinGet({charge_lookup:String}, 'repriced_at', c.1)), charges) AS repriced_at,
    team, department, cost_center, project, environment, user, task, workflow,
    senders,
    if(empty(spans_sender), spans_sender, of(spans_sender, kept)) AS sender
FROM
(
    SELECT
        * EXCEPT (span_id, span_start_ns, day, agent, pool, initiator, charge, amount, sender),
        span_id AS spans_id, span_start_ns AS spans_start_ns, day AS spans_day, agent AS spans_agent, pool AS spans_pool,
        initiator AS spans_initiator, sender AS spans_sender,
        arrayConcat(uses, times, beyonds) AS kept,
        if(empty(split_parts), of(spans_initiator, kept), arrayFlatten(split_parts).2) AS kept_initiator,
        if(empty(split_parts), arrayConcat(of(used, uses), of(fee, times), of(witnessed, beyonds)), arrayFlatten(split_parts).3) AS amount,
        -- The kind of each charge: 0 what was used, 1 own time beside it, 2 own time alone, which names a repricing, 3 what no
        -- call below an aggregate tells.
        arrayConcat(
            arrayMap(i -> (decided.charge[i], toUInt8(0)), uses),
            arrayMap(i -> (decided.charge[i], if(used[i] != 0 OR witnessed[i] != 0, toUInt8(1), toUInt8(2))), times),
            arrayMap(i -> (decided.charge[i], toUInt8(3)), beyonds)) AS charged,
        arrayDistinct(charged) AS charges
    FROM
    (
        SELECT
            decisions.*,
            split_amounts.parts AS split_parts,
            -- Of a span whose cost is split each initiator has a posting.
            if(empty(split_parts), arrayFilter((i, usd) -> usd != 0, arrayEnumerate(used), used), split_parts[1].1) AS uses,
            if(empty(split_parts), arrayFilter((i, usd) -> usd != 0, arrayEnumerate(fee), fee), split_parts[2].1) AS times,
            if(empty(split_parts), arrayFilter((i, usd) -> usd != 0, arrayEnumerate(witnessed), witnessed), split_parts[3].1) AS beyonds
        FROM {decisions:Identifier} AS decisions
        LEFT ANY JOIN {split_amounts:Identifier} AS split_amounts ON split_amounts.trace_id = decisions.trace_id
    ) AS decided
)
WHERE notEmpty(kept)
SETTINGS max_block_size = 4096, min_insert_block_size_rows = 4096
