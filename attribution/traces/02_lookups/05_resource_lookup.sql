-- Work table: resource_lookup
-- Purpose: The dimensions that a resource names (R8), looked up by a hash.
-- Grain: a resource (resource)
-- Engine: Join(ANY, LEFT, resource)
-- Columns:
--     resource UInt64: hash of the other columns
--     team String: team that the resource names; empty: none
--     department String: department that the resource names; empty: none
--     cost_center String: cost_center that the resource names; empty: none
--     project String: project that the resource names; empty: none
--     environment String: environment that the resource names; empty: none
--     user String: user that the resource names; empty: none
--     session String: session that the resource names; empty: none
--     task String: task that the resource names; empty: none
--     workflow String: workflow that the resource names; empty: none
SELECT
    resource_key AS resource,
    resource_team AS team,
    resource_department AS department,
    resource_cost_center AS cost_center,
    resource_project AS project,
    resource_environment AS environment,
    resource_user AS user,
    resource_session AS session,
    resource_task AS task,
    resource_workflow AS workflow
FROM {batch_profiles:Identifier}
LIMIT 1 BY resource
