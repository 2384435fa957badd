-- Purpose: Says of all other postings that are there who sent their records, as 07 does of the first ones.
-- Grain: a posting
INSERT INTO postings_anew
SELECT
    before.* REPLACE (
        multiIf(
            before.sender != '', before.sender,
            notEmpty(decided.sender), decided.senders[decided.sender[indexOf(decided.span_id, before.span_id)]],
            decided.senders[1]) AS sender)
FROM postings AS before
LEFT JOIN
(
    SELECT trace_id, span_id, senders, sender
    FROM attributions FINAL
    WHERE trace_id != '' AND notEmpty(senders)
) AS decided ON before.trace_id = decided.trace_id
SETTINGS join_algorithm = 'full_sorting_merge'
