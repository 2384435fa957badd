-- Purpose: the weights of teams in the asked pools that serve others or are served: what solving them takes.
-- Grain:   period, pool and team; team '' without weight for a pool that nobody used.
SELECT
    asked.period AS period,
    asked.pool AS pool,
    weights.team AS team,
    weights.weight AS weight
FROM (SELECT period, pool FROM {pools_to_split:Identifier} WHERE method != '') AS asked
LEFT JOIN (SELECT period, pool, team, weight FROM pool_weights FINAL WHERE weight > 0) AS weights
    ON weights.period = asked.period AND weights.pool = asked.pool
ORDER BY period, pool, team
