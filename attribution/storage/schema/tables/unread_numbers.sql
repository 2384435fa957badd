-- Purpose: Numbers that look like usage or cost and that no convention reads, so that an emitter that nobody knows is found on its first day.
-- Grain: a scope and attribute key (scope, attribute), from several inserts; rows are merged. The exporter bounds how many there are.
CREATE TABLE IF NOT EXISTS unread_numbers
(
    scope      String COMMENT 'instrumentation scope; empty: of all that were too many to be named',
    attribute  String COMMENT 'key of the attribute, with #a/b for a member of JSON and * for a number in it',
    spans      SimpleAggregateFunction(sum, UInt64) COMMENT 'spans that have such a number; a span that is delivered again counts again',
    example    SimpleAggregateFunction(max, String) COMMENT 'one of the numbers',
    first_seen SimpleAggregateFunction(min, DateTime64(9, 'UTC')) COMMENT 'start of the first such span',
    last_seen  SimpleAggregateFunction(max, DateTime64(9, 'UTC')) COMMENT 'start of the last such span'
)
ENGINE = AggregatingMergeTree
ORDER BY (scope, attribute)
