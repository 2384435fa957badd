-- Purpose: Lets the content of a delivery say whether it goes before another one, where the order of receipt did. What is stored keeps its
--          version; every later delivery that has ended goes before it.
-- Grain: the whole table
ALTER TABLE span_records
MODIFY COLUMN version UInt64 DEFAULT
        bitShiftLeft(toUInt64(duration_ns > 0), 63)
        + bitShiftLeft(toUInt64(NOT (input_tokens IS NULL AND output_tokens IS NULL AND cache_read_tokens IS NULL AND reported_cost IS NULL)), 62)
        + bitShiftLeft(bitShiftRight(toUInt64(greatest(toUnixTimestamp64Nano(start_time), 0)) + duration_ns, 20), 19)
        + bitShiftLeft(least(127, toUInt64(6 * log2(1 + ifNull(input_tokens, 0) + ifNull(output_tokens, 0)))), 12)
        -- What pricing adds is no content.
        + bitShiftLeft(least(127, toUInt64(6 * log2(1 + arraySum(
            (k, v) -> if(startsWith(k, 'spanledger.') OR k = 'gen_ai.usage.cost', 0, length(k) + length(v)),
            mapKeys(attributes), mapValues(attributes))))), 5)
        + bitAnd(31, cityHash64(
            parent_span_id, trace_state, name, kind, service, status, status_message, scope_name, tags, event_names, link_trace_ids, link_span_ids,
            arraySum((k, v) -> cityHash64(k, v), mapKeys(resource), mapValues(resource)),
            arraySum(
                (k, v) -> if(startsWith(k, 'spanledger.') OR k = 'gen_ai.usage.cost', 0, cityHash64(k, v)),
                mapKeys(attributes), mapValues(attributes))))
        COMMENT 'which delivery goes before (R1), by its content alone: it has ended, has usage, ends last (to the ms), tells most tokens, holds most; the last bits are a hash'
