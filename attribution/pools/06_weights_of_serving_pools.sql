-- Purpose: The weights of teams in the pools that serve others or are served. Solving these pools needs them.
-- Grain: a period, month in which late cost arose, pool and team; team '' without weight for a pool that nobody used
SELECT
    to_split.period AS period,
    to_split.late_from AS late_from,
    to_split.pool AS pool,
    weights.team AS team,
    weights.weight AS weight
FROM (SELECT period, pool, late_from FROM {pools_to_split:Identifier} WHERE method != '') AS to_split
LEFT JOIN (SELECT period, pool, late_from, team, weight FROM pool_weights FINAL WHERE weight > 0) AS weights
    ON weights.period = to_split.period AND weights.pool = to_split.pool AND weights.late_from = to_split.late_from
ORDER BY period, late_from, pool, team
