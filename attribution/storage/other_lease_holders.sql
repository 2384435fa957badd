-- Purpose: The other workers that hold a lease.
-- Grain: a worker
SELECT worker
FROM leases FINAL
WHERE worker != {worker:String} AND expires_at > now64(3)
