-- Purpose: Whether a span is paid by the second.
-- Grain: one row where a span is
SELECT 1
FROM {profile_lookup:Identifier}
WHERE bitTest(flags, 5)
LIMIT 1
