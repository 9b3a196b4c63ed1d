-- Instants are milliseconds since 1970, UTC. Unsigned 64-bit numbers (versions, marks) are kept as
-- the signed number of the same bits.

-- The store itself: one row.
CREATE TABLE keyward_store (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    -- The last number of the change sequence, in commit order.
    seq     INTEGER NOT NULL,
    -- The dialect that claimed the store; NULL until one does.
    dialect TEXT
) STRICT;
INSERT INTO keyward_store (one, seq) VALUES (1, 0);

-- A key is kept as its digest, never as its text.
CREATE TABLE keyward_keys (
    id                 TEXT    NOT NULL PRIMARY KEY,
    digest             BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
    -- The version of the pepper in an HMAC-SHA256; NULL for plain SHA-256.
    pepper             INTEGER,
    workspace          TEXT    NOT NULL,
    name               TEXT    NOT NULL,
    description        TEXT,
    kind               TEXT    NOT NULL,
    mask               TEXT    NOT NULL,
    -- 'all' is every scope there is or will be; 'only' is those in `scopes`, with a space between.
    access             TEXT    NOT NULL CHECK (access IN ('all', 'only')),
    scopes             TEXT    CHECK ((scopes IS NULL) = (access = 'all')),
    -- JSON: "all", or an array of ids.
    resources          TEXT    NOT NULL,
    rate_limit_per_min INTEGER,
    creator_kind       TEXT    CHECK (creator_kind IN ('person', 'key')),
    creator            TEXT    CHECK ((creator IS NULL) = (creator_kind IS NULL)),
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    expires_at         INTEGER,
    revoked_at         INTEGER,
    last_used_at       INTEGER,
    rotated_to         TEXT,
    rotation_token     TEXT,
    version            INTEGER NOT NULL,
    -- A JSON object.
    metadata           TEXT
) STRICT;

-- Lists go from the newest to the oldest: of all, of a workspace, of what somebody made.
CREATE INDEX keyward_keys_by_age       ON keyward_keys (created_at, id);
CREATE INDEX keyward_keys_by_workspace ON keyward_keys (workspace, created_at, id);
CREATE INDEX keyward_keys_by_creator   ON keyward_keys (creator, creator_kind, created_at, id)
    WHERE creator IS NOT NULL;

-- The newest changes, each with a random mark that tells this history from any other. Number 0 is
-- the making of the store and names no key.
CREATE TABLE keyward_changes (
    seq       INTEGER PRIMARY KEY,
    mark      INTEGER NOT NULL,
    id        TEXT,
    digest    BLOB,
    operation TEXT CHECK (operation IN ('created', 'updated', 'deleted'))
) STRICT;
INSERT INTO keyward_changes (seq, mark) VALUES (0, random());
