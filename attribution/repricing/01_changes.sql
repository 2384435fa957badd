-- Purpose: The stored spans that today's prices and conventions change, until the change is applied.
-- Grain: a span that changes
-- Columns: batch: applied together; the old figures as they are stored, the new ones as new_*; amounts are text, '' is unknown; time_cost:
--          cost of the span's whole time beside its cost, '' where there is none, it is unknown, or it is in the cost; annotation: what the
--          processor would add to the span today; own_cost: its gen_ai.usage.cost was added by Spanledger, not by the emitter; is_repriced: more
--          changes than what the record is known to know, and not because the spans above tell something else, which is no later price.
CREATE TABLE {changes:Identifier}
(
    batch                  UInt32,
    trace_id               String,
    span_id                String,
    sender                 String,
    version                UInt64,
    provider               String,
    model                  String,
    usage                  String,
    priced_by              String,
    cost                   String,
    time_cost              String,
    new_told_above         String,
    new_usage              String,
    new_provider           String,
    new_model              String,
    new_input_tokens       Nullable(UInt64),
    new_output_tokens      Nullable(UInt64),
    new_cache_read_tokens  Nullable(UInt64),
    new_cache_write_tokens Nullable(UInt64),
    new_reasoning_tokens   Nullable(UInt64),
    new_bucket             String,
    new_cost               String,
    new_cost_source        String,
    new_price_id           String,
    new_reported_cost      String,
    new_computed_cost      String,
    new_request_fees       String,
    new_own_time_rate      String,
    new_own_time_price_id  String,
    new_knowledge          UInt16,
    new_time_cost          String,
    annotation             Map(String, String),
    own_cost               Bool,
    is_repriced            Bool
)
ENGINE = MergeTree
ORDER BY (batch, trace_id, span_id, sender)
