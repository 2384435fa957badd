-- Purpose: Notes the spans of every insert into a table of the Collector's exporter. The table itself is not altered.
-- Grain: an inserted span
-- Holds: {content} is replaced by the hash of a row.
CREATE MATERIALIZED VIEW IF NOT EXISTS {view:Identifier} TO table_changes AS
SELECT
    {source_table:String} AS source_table,
    TraceId               AS trace_id,
    SpanId                AS span_id,
    Timestamp             AS start_time,
    {content}             AS content,
    now64(9)              AS inserted_at
FROM {database:Identifier}.{table:Identifier}
