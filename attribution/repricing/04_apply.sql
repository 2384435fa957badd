-- Purpose: Stores the spans of one batch again with today's figures. Of equal versions the last one inserted stays.
-- Grain: a span
-- Holds: A span that was delivered again since it was read is left as it is. Only the figures that were read and priced change. The
--        dimensions stay, because an ingest key may have set them, but for a session that only spans above name. Spans whose attributes a table holds are not annotated.
INSERT INTO span_records
SELECT
    stored.* REPLACE
    (
        new_usage AS usage,
        new_provider AS provider,
        new_model AS model,
        new_input_tokens AS input_tokens,
        new_output_tokens AS output_tokens,
        new_cache_read_tokens AS cache_read_tokens,
        new_cache_write_tokens AS cache_write_tokens,
        new_reasoning_tokens AS reasoning_tokens,
        new_bucket AS bucket,
        toDecimal128OrNull(new_cost, 12) AS cost,
        new_cost_source AS cost_source,
        new_price_id AS price_id,
        toDecimal128OrNull(new_reported_cost, 12) AS reported_cost,
        toDecimal128OrNull(new_computed_cost, 12) AS computed_cost,
        toDecimal128OrNull(new_request_fees, 12) AS request_fees,
        toDecimal128OrNull(new_own_time_rate, 18) AS own_time_rate,
        new_own_time_price_id AS own_time_price_id,
        new_knowledge AS knowledge,
        if(
            stored.source_table != '',
            stored.attributes,
            mapUpdate(
                mapFilter((k, v) -> NOT (k IN {annotated:Array(String)} OR (own_cost AND k = {gen_ai_cost:String})), stored.attributes),
                mapUpdate(
                    annotation,
                    if(
                        new_usage = 'leaf' AND new_cost != '' AND (own_cost OR NOT mapContains(stored.attributes, {gen_ai_cost:String})),
                        map({gen_ai_cost:String}, toString(toFloat64(new_cost))),
                        map())))) AS attributes,
        new_told_above AS told_above,
        if(stored.span_session = '' AND new_told_above != '', JSONExtractString(new_told_above, 'session'), stored.span_session) AS span_session,
        if(is_repriced, now64(9), stored.repriced_at) AS repriced_at,
        if(is_repriced, changes.priced_by, stored.repriced_from) AS repriced_from
    )
FROM
(
    SELECT *
    FROM span_records FINAL
    PREWHERE (trace_id, span_id, sender) IN (SELECT trace_id, span_id, sender FROM {changes:Identifier} WHERE batch = {batch:UInt32})
) AS stored
INNER JOIN (SELECT * FROM {changes:Identifier} WHERE batch = {batch:UInt32}) AS changes
    ON changes.trace_id = stored.trace_id AND changes.span_id = stored.span_id AND changes.sender = stored.sender AND changes.version = stored.version
