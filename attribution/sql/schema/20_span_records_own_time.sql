-- Purpose: what a second of a span's own time costs, beside what the span used; and all that priced a span, for repricing to name.
-- Grain:   column.
-- Holds:   where own_time_price_id is the price_id too, cost holds the time of the whole span, and attribution replaces it by the own
--          time; else the time is beside the cost. own_time_rate is NULL where the rule's currency had no rate yet.
ALTER TABLE span_records
    ADD COLUMN IF NOT EXISTS own_time_rate Nullable(Decimal(38, 18)) COMMENT 'USD a second',
    ADD COLUMN IF NOT EXISTS own_time_price_id LowCardinality(String) COMMENT 'empty: its time costs nothing',
    ADD COLUMN IF NOT EXISTS priced_by String ALIAS concat(
        if(price_id != '', toString(price_id), toString(cost_source)),
        if(own_time_price_id IN ('', price_id), '', concat('+', toString(own_time_price_id))))
