-- Purpose: Says of the first postings that are there who sent their records, as the decisions about their traces do: whoever joins both
--          by sender would find none, and a trace that changes would take its cost back from nobody and post it anew.
-- Grain: a trace
INSERT INTO first_postings_anew
WITH
    (spans, nth, of) -> if(empty(nth), CAST([], 'Array(UInt32)'), arrayMap(span -> nth[indexOf(spans, span)], of)) AS senders_of
SELECT
    before.* REPLACE (
        if(empty(before.senders), decided.senders, before.senders) AS senders,
        if(empty(before.senders), senders_of(decided.span_id, decided.sender, before.span_id), before.sender) AS sender)
FROM first_postings AS before
LEFT JOIN
(
    SELECT trace_id, span_id, senders, sender
    FROM attributions FINAL
    WHERE trace_id != '' AND notEmpty(senders)
) AS decided ON before.trace_id = decided.trace_id
SETTINGS join_algorithm = 'full_sorting_merge'
