-- Purpose: By whom and for what agents were entered in a month.
-- Grain: the dimensions of a charge model that entries have
-- Columns: key: as in `entries_of_month.sql`, by which `tasks.sql` and `time.sql` choose.
SELECT DISTINCT team, department, cost_center, project, environment, workflow, agent, key
FROM ({entries_of_month})
