-- Purpose: the names of agents, to be looked up by their hashes, with what the configuration says of them (R6, R8, R9).
-- Grain:   name.
CREATE TABLE {names:Identifier} ENGINE = Join(ANY, LEFT, key) AS
SELECT
    cityHash64(name) AS key,
    name,
    arrayExists(pattern -> match(name, pattern), {shared:Array(String)}) AS is_shared,
    transform(name, {owned_agents:Array(String)}, {owner_teams:Array(String)}, '') AS owner
FROM (SELECT DISTINCT arrayJoin([agent, workflow_name, service]) AS name FROM {found:Identifier})
WHERE name != ''
