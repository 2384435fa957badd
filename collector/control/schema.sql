-- Purpose: what decisions must remember when the process ends.
-- Grain:   `reservations`: a call in flight. `runs`: a trace. `events`: an event that is not in the store yet.
--          `names`: the one name of this service, by which others know it.
--          `messages`: a message that its receiver has not taken yet.
-- Columns: at, expires   seconds since the epoch
--          ask           the question as JSON, with the dimensions as they were decided
--          bound         what it may use at most, JSON
--          ended         1: the call was made and is over; it counts until its record arrives
--          agent, hops   of a run: the agent that asked last, and how often another one did

CREATE TABLE IF NOT EXISTS reservations (
    id TEXT PRIMARY KEY,
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    at REAL NOT NULL,
    expires REAL NOT NULL,
    dimensions TEXT NOT NULL,
    bound TEXT NOT NULL,
    ended INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS runs (
    trace_id TEXT PRIMARY KEY,
    at REAL NOT NULL,
    dimensions TEXT NOT NULL,
    agent TEXT NOT NULL,
    hops INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    receiver TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    at REAL NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS names (
    name TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY,
    event TEXT NOT NULL
) WITHOUT ROWID;
