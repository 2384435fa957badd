-- Purpose: What the statement of a closed month said when the month was closed.
-- Grain: a team, section, item and detail
SELECT team, section, item, detail, count, weight, share, amount
FROM statement_items
WHERE period = {period:String} AND version = {version:UInt64}
