-- Purpose: says that a worker holds the lease for some seconds more, or with 0 that it lets go.
-- Grain:   worker.
INSERT INTO leases (version, worker, expires_at)
SELECT {version:UInt64}, {worker:String}, now64(3) + toIntervalSecond({seconds:UInt32})
