-- What drift compares with, frozen when it is made: one row per version of a named reference, and one per column of it.

CREATE TABLE drift_references (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project    INTEGER NOT NULL REFERENCES projects (id),
    deployment TEXT NOT NULL,
    name       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    source     TEXT NOT NULL, -- JSON: what it was made of.
    rows       INTEGER NOT NULL,
    row_check  INTEGER NOT NULL,
    UNIQUE (project, deployment, name, version)
) STRICT;

CREATE TABLE reference_columns (
    reference INTEGER NOT NULL REFERENCES drift_references (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    content   BLOB NOT NULL,
    row_check INTEGER NOT NULL,
    PRIMARY KEY (reference, name)
) STRICT;
