-- Purpose: the spool, requests that are acknowledged and not yet stored.
-- Grain:   `requests` and `quarantined`: one OTLP request. `totals`, `account`, `carried`: one row. `sender_days`: a sender and day.
--          `cursors`: an exporter.
-- Columns: seq          position, ascending, never used twice
--          version      when it was received, ns since the epoch; no two spans share version + i
--          received_ns  wall clock at the commit, ns since the epoch
--          spans, size  spans and bytes in the body
--          tags         of the ingest key, JSON object; `sender` and `signal`, where there are any, are no tags: they say who
--                       sent the request, and as what
--          crc          CRC-32 of version, spans, tags and body
--          body         ExportTraceServiceRequest, protobuf; of the signal `metric` an ExportMetricsServiceRequest
-- Holds:   seq_next > every seq; version_next > every version that was ever given out, also of rows that are deleted;
--          the sums in `totals` are those of the rows, because triggers keep them, whoever changes the rows.

CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    received_ns INTEGER NOT NULL,
    spans INTEGER NOT NULL,
    size INTEGER NOT NULL,
    tags TEXT NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL -- last: the other columns are read without it
);

CREATE TABLE IF NOT EXISTS quarantined (
    seq INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    received_ns INTEGER NOT NULL,
    quarantined_ns INTEGER NOT NULL,
    reason TEXT NOT NULL,
    spans INTEGER NOT NULL,
    size INTEGER NOT NULL,
    tags TEXT NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq_next INTEGER NOT NULL,
    version_next INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    spans INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    quarantined_bytes INTEGER NOT NULL
);

INSERT OR IGNORE INTO totals VALUES (1, 1, 0, 0, 0, 0, 0, 0);

CREATE TRIGGER IF NOT EXISTS requests_added AFTER INSERT ON requests BEGIN
    UPDATE totals SET
        seq_next = NEW.seq + 1,
        version_next = NEW.version + NEW.spans,
        requests = requests + 1,
        spans = spans + NEW.spans,
        bytes = bytes + NEW.size;
END;

CREATE TRIGGER IF NOT EXISTS requests_changed AFTER UPDATE ON requests BEGIN
    UPDATE totals SET spans = spans - OLD.spans + NEW.spans, bytes = bytes - OLD.size + NEW.size;
END;

CREATE TRIGGER IF NOT EXISTS requests_removed AFTER DELETE ON requests BEGIN
    UPDATE totals SET requests = requests - 1, spans = spans - OLD.spans, bytes = bytes - OLD.size;
END;

CREATE TRIGGER IF NOT EXISTS quarantined_added AFTER INSERT ON quarantined BEGIN
    UPDATE totals SET quarantined = quarantined + 1, quarantined_bytes = quarantined_bytes + NEW.size;
END;

CREATE TRIGGER IF NOT EXISTS quarantined_removed AFTER DELETE ON quarantined BEGIN
    UPDATE totals SET quarantined = quarantined - 1, quarantined_bytes = quarantined_bytes - OLD.size;
END;

-- What is being carried to the store, while it is: what stands here at a start was being carried when the process ended.
-- `deaths` counts how often that was so for one request alone.
CREATE TABLE IF NOT EXISTS carried (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    deaths INTEGER NOT NULL
);

-- How far each exporter has come; what it has passed is not taken to it again after a restart.
CREATE TABLE IF NOT EXISTS cursors (
    exporter TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) WITHOUT ROWID;

-- What each sender sent on a day (of the receipt, UTC, in days since the epoch) and what became of it, in spans. It is changed in the same
-- transactions as the rows, so that at any time received = rejected + waiting + quarantined + dropped + delivered.
CREATE TABLE IF NOT EXISTS sender_days (
    sender TEXT NOT NULL,
    day INTEGER NOT NULL,
    received INTEGER NOT NULL, -- in requests that were acknowledged
    rejected INTEGER NOT NULL, -- in the acknowledgement, as invalid
    waiting INTEGER NOT NULL, -- to be stored
    quarantined INTEGER NOT NULL, -- set aside, now
    dropped INTEGER NOT NULL, -- deleted from the quarantine by its owner
    delivered INTEGER NOT NULL, -- the store has taken them; some may be duplicates there
    PRIMARY KEY (sender, day)
) WITHOUT ROWID;

-- Which store `sender_days` speaks of. A spool that is opened on another store begins another account.
CREATE TABLE IF NOT EXISTS account (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    store TEXT NOT NULL -- '': not known yet
);
