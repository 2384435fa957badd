-- Purpose: How long agents worked in a month, of some entries, as in `entries.sql`: the time of those that lie below no other of them.
-- Grain: a team
-- Columns: duration_ns: ns.
SELECT team, toInt64(sum(entries.duration_ns)) AS duration_ns
FROM ({entries_of_month}) AS entries
WHERE key IN {keys:Array(UInt64)} AND arrayCount(above -> match(above, {agent:String}), path_agents) = 1
GROUP BY team
