-- The books as they were when they were copied, with the services stopped; then put the copies of their data folders back and start them.
--   clickhouse-client --param_name=2026-10-31 --queries-file deploy/clickhouse/restore.sql
DROP DATABASE IF EXISTS spanledger SYNC;
RESTORE DATABASE spanledger FROM Disk('backups', {name:String});
