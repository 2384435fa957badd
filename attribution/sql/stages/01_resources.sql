-- Purpose: what resources say of who started the work, to be looked up.
-- Grain:   resource.
CREATE TABLE {resources:Identifier} ENGINE = Join(ANY, LEFT, resource) AS
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
FROM {found:Identifier}
LIMIT 1 BY resource
