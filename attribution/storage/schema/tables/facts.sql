-- Purpose: Small facts about the store itself, such as which configuration the attributions follow.
-- Grain: a name; the latest value counts.
CREATE TABLE IF NOT EXISTS facts
(
    name   String COMMENT 'name of the fact',
    value  String COMMENT 'what is known',
    set_at DateTime64(9, 'UTC') DEFAULT now64(9) COMMENT 'when it was kept'
)
ENGINE = ReplacingMergeTree(set_at)
ORDER BY name
