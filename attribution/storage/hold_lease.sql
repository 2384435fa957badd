-- Purpose: Records that a worker holds the lease for some more seconds, or with 0 seconds that it releases the lease.
-- Grain: a worker
INSERT INTO leases (version, worker, expires_at)
SELECT {version:UInt64}, {worker:String}, now64(3) + toIntervalSecond({seconds:UInt32})
