-- Purpose: what was decided of the dirty traces before.
-- Grain:   trace that was attributed before.
CREATE TABLE {standing:Identifier} ENGINE = Memory AS
SELECT trace_id, toDate(start_time) AS began, day, flags, amount, root, agent, pool, initiator, use_ns, tokens, agents, paths, team, task
FROM attributions FINAL
PREWHERE trace_id IN (SELECT trace_id FROM {decided:Identifier})
