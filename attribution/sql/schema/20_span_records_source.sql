-- Purpose: says of a span where the attributes are that its facts were read from.
-- Grain:   column.
-- Holds:   of a span whose attributes are in a table of the Collector's exporter, the maps and the texts here are empty: nothing is
--          stored twice. `span_contents` puts the two together.
ALTER TABLE span_records
    ADD COLUMN IF NOT EXISTS source_table LowCardinality(String) COMMENT 'database.table that holds its attributes; empty: this one does'
