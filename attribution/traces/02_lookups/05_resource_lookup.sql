-- Work table: resource_lookup
-- Purpose: What is said of the senders (R8): by the tags of the ingest key, else by the resource. It is looked up by a hash.
-- Grain: a resource (resource)
-- Engine: Join(ANY, LEFT, resource)
-- Columns:
--     resource UInt64: hash of the other columns
--     sender String: the sender
--     team String: team that is said of the sender; empty: none
--     department String: department that is said of the sender; empty: none
--     cost_center String: cost_center that is said of the sender; empty: none
--     project String: project that is said of the sender; empty: none
--     environment String: environment that is said of the sender; empty: none
--     user String: user that is said of the sender; empty: none
--     session String: session that is said of the sender; empty: none
--     task String: task that is said of the sender; empty: none
--     workflow String: workflow that is said of the sender; empty: none
SELECT
    resource_key AS resource,
    sender,
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
