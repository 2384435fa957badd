-- Work table: agent_lookup
-- Purpose: The names that agents can have, looked up by a hash, with what the configuration says of each agent (R6, R8, R9).
-- Grain: a name (key)
-- Engine: Join(ANY, LEFT, key)
-- Columns:
--     key UInt64: hash of the name
--     name String: agent, workflow name or service
--     is_shared UInt8: its cost is pooled
--     owner String: the team that owns it; empty: none
SELECT
    cityHash64(name) AS key,
    name,
    arrayExists(pattern -> match(name, pattern), {shared:Array(String)}) AS is_shared,
    transform(name, {owned_agents:Array(String)}, {owner_teams:Array(String)}, '') AS owner
FROM (SELECT DISTINCT arrayJoin([agent, workflow_name, service]) AS name FROM {batch_profiles:Identifier})
WHERE name != ''
