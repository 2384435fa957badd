-- Purpose: Records that a service could decide for some more seconds and which others it knows of, or with 0 seconds that it has ended.
-- Grain: a service
INSERT INTO deciders (version, decider, since, seen, expires_at)
SELECT {version:UInt64}, {decider:String}, {since:UInt64}, {seen:Array(String)}, now64(3) + toIntervalSecond({seconds:UInt32})
