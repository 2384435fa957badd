-- Purpose: a hash of all that many spans have in common, kept once in `profiles`: attribution reads one number in its place.
-- Grain:   column.
-- Holds:   spans are of one profile when all these columns agree; it is hashed anew whenever a row is written.
ALTER TABLE span_records
    ADD COLUMN IF NOT EXISTS profile UInt64 MATERIALIZED cityHash64(
        usage, agent, workflow_name, service, provider, model, bucket, cost_source, price_id,
        ifNull(toString(own_time_rate), ''), own_time_price_id, ifNull(toString(repriced_at), ''), repriced_from,
        input_tokens IS NULL, output_tokens IS NULL, cost IS NULL, request_fees IS NULL,
        resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
        resource_user, resource_session, resource_task, resource_workflow) CODEC(LZ4)
