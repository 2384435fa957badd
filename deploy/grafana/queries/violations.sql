-- Purpose: Rows that the audits return. Anything but 0 is wrong money.
-- Grain: one row
SELECT count() AS violations
FROM spanledger.audits
