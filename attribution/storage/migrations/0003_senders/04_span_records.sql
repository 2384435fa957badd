-- Purpose: Keeps spans of several senders, signals and scopes in profiles of their own. Rows keep the hash that they have until they are written again.
-- Grain: the whole table
ALTER TABLE span_records
MODIFY COLUMN profile UInt64 MATERIALIZED cityHash64(
    usage, agent, workflow_name, service, provider, model, bucket, cost_source, price_id,
    ifNull(toString(own_time_rate), ''), own_time_price_id, ifNull(toString(repriced_at), ''), repriced_from,
    input_tokens IS NULL, output_tokens IS NULL, cost IS NULL, request_fees IS NULL, knowledge,
    resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
    resource_user, resource_session, resource_task, resource_workflow, sender, signal, scope_name, tags)
