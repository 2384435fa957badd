-- Purpose: the table that the next stage fills, where there are links.
-- Grain:   trace with linking roots; columns are arrays over these local roots, in the order of their ids.
CREATE TABLE {inherited:Identifier}
(
    trace_id    String,
    roots       Array(String),
    payers      Array(Tuple(String, String, String)),
    project     Array(String),
    environment Array(String),
    user        Array(String),
    session     Array(String),
    task        Array(String),
    workflow    Array(String)
)
ENGINE = Memory
