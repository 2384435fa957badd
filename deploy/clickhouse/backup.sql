-- A copy of the books, on the disk `backups` of config.d/spanledger.xml. First stop the services and copy their data folders (docs/operating.md):
-- nothing may write meanwhile. On a cluster also BACKUP DATABASE spanledger_shard on every shard.
--   clickhouse-client --param_name=2026-10-31 --queries-file deploy/clickhouse/backup.sql
BACKUP DATABASE spanledger TO Disk('backups', {name:String});
-- To S3 instead:
--   BACKUP DATABASE spanledger TO S3('https://bucket.s3.amazonaws.com/spanledger/2026-10-31', 'KEY', 'SECRET')
