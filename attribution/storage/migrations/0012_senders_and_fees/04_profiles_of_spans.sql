-- Purpose: Lets the feed of profiles see what a fee is where the spans say it. It is changed in place.
-- Grain: the whole feed
ALTER TABLE profiles_of_spans MODIFY QUERY
SELECT
    profile,
    any(span_records.usage) AS usage,
    any(span_records.agent) AS agent,
    any(span_records.workflow_name) AS workflow_name,
    any(span_records.service) AS service,
    any(span_records.provider) AS provider,
    any(span_records.model) AS model,
    any(span_records.bucket) AS bucket,
    any(span_records.cost_source) AS cost_source,
    any(span_records.price_id) AS price_id,
    any(span_records.is_fee) AS is_fee,
    any(cost IS NOT NULL) AS is_priced,
    any(request_fees IS NOT NULL) AS has_request_fees,
    any(span_records.knowledge) AS knowledge,
    any(span_records.own_time_rate) AS own_time_rate,
    any(span_records.own_time_price_id) AS own_time_price_id,
    any(span_records.repriced_at) AS repriced_at,
    any(span_records.repriced_from) AS repriced_from,
    any(span_records.resource_team) AS resource_team,
    any(span_records.resource_department) AS resource_department,
    any(span_records.resource_cost_center) AS resource_cost_center,
    any(span_records.resource_project) AS resource_project,
    any(span_records.resource_environment) AS resource_environment,
    any(span_records.resource_user) AS resource_user,
    any(span_records.resource_session) AS resource_session,
    any(span_records.resource_task) AS resource_task,
    any(span_records.resource_workflow) AS resource_workflow,
    any(span_records.sender) AS sender,
    any(span_records.signal) AS signal,
    any(span_records.scope_name) AS scope,
    any(span_records.tags) AS tags
FROM span_records
GROUP BY profile
