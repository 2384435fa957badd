-- Purpose: How many other workers hold a lease.
-- Grain: one row
SELECT count() AS n
FROM leases FINAL
WHERE worker != {worker:String} AND expires_at > now64(3)
