-- Purpose: whether a span is paid by the second.
-- Grain:   one row where one is.
SELECT 1
FROM {profile_lookup:Identifier}
WHERE bitTest(flags, 5)
LIMIT 1
