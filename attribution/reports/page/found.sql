-- Purpose: What has a text in its name: traces by the beginning of their id; teams, agents, workflows, models, pools, users and tasks.
-- Grain: a kind and name; {rows_max} of each kind, those whose name begins with the text first
SELECT what, name, sum(usd) AS total
FROM
(
    -- In the order of trace ids, so that only those with this beginning are read.
    SELECT 'trace' AS what, trace_id AS name, cost AS usd
    FROM attributions FINAL
    WHERE startsWith(trace_id, lower({text:String})) AND length({text:String}) >= 4
    UNION ALL
    SELECT named.1, named.2, amount
    FROM ledger_days
    ARRAY JOIN
        [('team', toString(team)), ('agent', toString(agent)), ('workflow', toString(workflow)), ('model', toString(model)),
         ('pool', toString(pool)), ('project', toString(project)), ('department', toString(department))] AS named
    WHERE positionCaseInsensitiveUTF8(named.2, {text:String}) > 0
    UNION ALL
    SELECT toString(dimension), name, amount
    FROM ledger_names
    WHERE positionCaseInsensitiveUTF8(name, {text:String}) > 0
)
GROUP BY what, name
ORDER BY what, startsWith(lowerUTF8(name), lowerUTF8({text:String})) DESC, total DESC, name
LIMIT {rows_max:UInt32} BY what
