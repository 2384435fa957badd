-- Purpose: says of a model call what part of its cost only a span that tells it has: of two spans of one call the one that tells the
--          web searches is the better witness (R4).
-- Grain:   column.
-- Holds:   NULL or above zero, and a part of cost, which then was computed (contract, priced). What every request of the model costs is
--          none of it: that is in the cost of every span of the call.
ALTER TABLE span_records
    ADD COLUMN IF NOT EXISTS request_fees Nullable(Decimal(38, 12))
        COMMENT 'USD of cost for what is told beside tokens (web searches, pages ...); NULL: nothing told, or not known, as of reported costs'
