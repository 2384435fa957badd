-- Purpose: the traces that are pending within the reach of this pass.
-- Grain:   trace.
-- Columns: marks settles exactly what was read; spans: inserted since it was attributed.
CREATE TABLE {pending:Identifier} ENGINE = Memory AS
SELECT trace_id, groupArray(mark) AS marks, sum(new_spans) AS spans
FROM pending
WHERE trace_id > {after:String} AND trace_id <= {reach:String}
GROUP BY trace_id
