-- Roles of a ClickHouse server, with no right that is not needed: of the service and its commands, and of people and Grafana.
-- Run it as an administrator: clickhouse-client --queries-file deploy/clickhouse/grants.sql
-- Then: CREATE USER spanledger IDENTIFIED BY '...' DEFAULT ROLE spanledger_writer;
--       CREATE USER grafana IDENTIFIED BY '...' DEFAULT ROLE spanledger_reader;

-- The service makes and migrates its own tables and views, and the work tables of each pass.
CREATE ROLE IF NOT EXISTS spanledger_writer;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE ON spanledger.* TO spanledger_writer;
GRANT SHOW, SELECT, INSERT ON spanledger.* TO spanledger_writer;
GRANT ALTER UPDATE, ALTER DELETE, ALTER COLUMN, ALTER MODIFY COMMENT, ALTER VIEW ON spanledger.* TO spanledger_writer;
-- Servers may ask for a grant of each engine (table_engines_require_grant).
GRANT TABLE ENGINE ON MergeTree TO spanledger_writer;
GRANT TABLE ENGINE ON ReplacingMergeTree TO spanledger_writer;
GRANT TABLE ENGINE ON SummingMergeTree TO spanledger_writer;
GRANT TABLE ENGINE ON CollapsingMergeTree TO spanledger_writer;
GRANT TABLE ENGINE ON AggregatingMergeTree TO spanledger_writer;
GRANT TABLE ENGINE ON Memory TO spanledger_writer;
GRANT TABLE ENGINE ON Join TO spanledger_writer;
-- And of the tables that describe the server (select_from_system_db_requires_grant).
GRANT SELECT ON system.tables TO spanledger_writer;
GRANT SELECT ON system.columns TO spanledger_writer;
GRANT SELECT ON system.databases TO spanledger_writer;
GRANT SELECT ON system.settings TO spanledger_writer;
-- Where a table of the OpenTelemetry Collector's exporter is attributed, its own database as well:
-- GRANT SHOW, SELECT ON otel.* TO spanledger_writer;
-- On the node of a cluster the engine Distributed and system.clusters; on its shards all rights above on spanledger_shard.* as well:
-- GRANT TABLE ENGINE ON Distributed TO spanledger_writer;
-- GRANT SELECT ON system.clusters TO spanledger_writer;

-- Views read as who asks, so readers need the tables below them too. They may change settings, as every client does, and nothing else.
CREATE ROLE IF NOT EXISTS spanledger_reader SETTINGS readonly = 2, max_execution_time = 60, max_memory_usage = 4000000000;
GRANT SHOW, SELECT ON spanledger.* TO spanledger_reader;
GRANT SELECT ON system.tables TO spanledger_reader;
GRANT SELECT ON system.columns TO spanledger_reader;
GRANT SELECT ON system.databases TO spanledger_reader;
GRANT SELECT ON system.settings TO spanledger_reader;
