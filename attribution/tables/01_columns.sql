-- Purpose: The engine and columns of a table, to compare it with the layout of the Collector's ClickHouse exporter.
-- Grain: a column; no row where there is no such table
-- Columns: replicas: replicas of the table; shared: whether objects in the database of Spanledger are made on all of them.
SELECT
    tables.engine AS engine,
    toString(tables.uuid) AS uuid,
    columns.name AS name,
    columns.type AS type,
    (SELECT max(total_replicas) FROM system.replicas WHERE database = {database:String} AND table = {table:String}) AS replicas,
    (SELECT any(engine) = 'Replicated' FROM system.databases WHERE name = currentDatabase()) AS shared
FROM system.tables AS tables
INNER JOIN system.columns AS columns ON columns.database = tables.database AND columns.table = tables.name
WHERE tables.database = {database:String} AND tables.name = {table:String}
