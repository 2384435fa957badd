-- Purpose: the profiles of the batch.
-- Grain:   profile.
CREATE TABLE {found:Identifier} ENGINE = Memory AS
SELECT
    *,
    usage = 'leaf' AND cost_source != 'none' AND NOT is_fee AS is_call,
    concat(
        if(price_id != '', price_id, cost_source),
        if(own_time_price_id IN ('', price_id), '', concat('+', own_time_price_id))) AS priced_by,
    -- Names are told apart by their hashes; 0 is none.
    if(agent = '', 0, cityHash64(agent)) AS agent_key,
    if(workflow_name = '', 0, cityHash64(workflow_name)) AS workflow_key,
    if(service = '', 0, cityHash64(service)) AS service_key,
    if(model = '', 0, cityHash64(model)) AS model_key,
    cityHash64(
        resource_team, resource_department, resource_cost_center, resource_project, resource_environment,
        resource_user, resource_session, resource_task, resource_workflow) AS resource_key,
    cityHash64(provider, model, bucket, if(repriced_at IS NULL, 0, cityHash64(assumeNotNull(repriced_at), repriced_from, priced_by))) AS charge_key
FROM profiles
WHERE profile IN (SELECT arrayJoin(s.profile) FROM {told:Identifier})
LIMIT 1 BY profile
