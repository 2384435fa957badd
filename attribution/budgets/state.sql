-- Purpose: Whether anything changed that spend is made of: another answer means that it did.
-- Grain: one row
SELECT
    (SELECT max(version) FROM attributions) AS decided,
    (SELECT max(pass) FROM passes) AS pass,
    (SELECT max(mark) FROM changes) AS changed,
    (SELECT sum(sign) FROM changes) AS waiting,
    (SELECT count() FROM budget_events) AS event
