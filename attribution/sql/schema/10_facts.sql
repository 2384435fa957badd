-- Purpose: small facts about the store itself, such as which configuration the attributions follow.
-- Grain:   name; the latest stands.
CREATE TABLE IF NOT EXISTS facts
(
    name   String,
    value  String,
    set_at DateTime64(9, 'UTC') DEFAULT now64(9)
)
ENGINE = ReplacingMergeTree(set_at)
ORDER BY name
