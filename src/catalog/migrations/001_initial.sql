-- Times are microseconds since the epoch. `row_check` is a CRC-32C over the other columns of the row: SQLite does not
-- notice flipped bits, and a revoked key must not come back to life by one.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE projects (
    id         INTEGER PRIMARY KEY,
    public_id  TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    row_check  INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    key_id     TEXT PRIMARY KEY,
    project    INTEGER NOT NULL REFERENCES projects (id),
    name       TEXT NOT NULL,
    scopes     INTEGER NOT NULL,
    prefix     TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked    INTEGER NOT NULL,
    row_check  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deployments (
    project        INTEGER NOT NULL REFERENCES projects (id),
    name           TEXT NOT NULL,
    task_type      TEXT,
    positive_class TEXT,
    threshold      REAL,
    cohort_keys    BLOB NOT NULL, -- Strings, each with its length as a varint before it.
    score_is       TEXT NOT NULL CHECK (score_is IN ('positive_class', 'predicted_class')),
    row_check      INTEGER NOT NULL,
    PRIMARY KEY (project, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE retention (
    project   INTEGER PRIMARY KEY REFERENCES projects (id),
    days      INTEGER,
    bytes     INTEGER,
    row_check INTEGER NOT NULL
) STRICT;

CREATE TABLE dead_letters (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project     INTEGER NOT NULL REFERENCES projects (id),
    received_at INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('event', 'label')),
    code        TEXT NOT NULL,
    detail      TEXT NOT NULL,
    pointer     TEXT NOT NULL,
    item        BLOB NOT NULL, -- As sent, which need not be UTF-8.
    replayed    INTEGER NOT NULL,
    row_check   INTEGER NOT NULL
) STRICT;

CREATE INDEX dead_letters_by_project ON dead_letters (project, id);
