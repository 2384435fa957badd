-- Purpose: Says of the profiles that are there what a fee is; it waits until it is done, for the next pass reads them.
-- Grain: a profile
ALTER TABLE profiles UPDATE is_fee = true WHERE bucket = 'tool' AND cost_source = 'priced' AND model = '' AND NOT is_fee
SETTINGS mutations_sync = 2
