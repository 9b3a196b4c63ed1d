-- Instants are milliseconds since 1970, UTC. Unsigned 64-bit numbers (versions, marks) are kept as
-- the signed number of the same bits. Ids compare by their bytes, whatever the database's collation.

-- The store itself: one row.
CREATE TABLE keyward_store (
    one     integer PRIMARY KEY CHECK (one = 1),
    -- The last number of the change sequence, in commit order: the row's lock is held from when a
    -- number is taken to the end of its transaction.
    seq     bigint  NOT NULL,
    -- The dialect that claimed the store; NULL until one does.
    dialect text
);
INSERT INTO keyward_store (one, seq) VALUES (1, 0);

-- A key is kept as its digest, never as its text.
CREATE TABLE keyward_keys (
    id                 text   COLLATE "C" NOT NULL PRIMARY KEY,
    digest             bytea  NOT NULL UNIQUE CHECK (length(digest) = 32),
    -- The version of the pepper in an HMAC-SHA256; NULL for plain SHA-256.
    pepper             bigint,
    workspace          text   COLLATE "C" NOT NULL,
    name               text   NOT NULL,
    description        text,
    kind               text   NOT NULL,
    mask               text   NOT NULL,
    -- 'all' is every scope there is or will be; 'only' is those in `scopes`, with a space between.
    access             text   NOT NULL CHECK (access IN ('all', 'only')),
    scopes             text   CHECK ((scopes IS NULL) = (access = 'all')),
    -- JSON, as it was written: "all", or an array of ids.
    resources          text   NOT NULL,
    rate_limit_per_min bigint,
    creator_kind       text   CHECK (creator_kind IN ('person', 'key')),
    creator            text   COLLATE "C" CHECK ((creator IS NULL) = (creator_kind IS NULL)),
    created_at         bigint NOT NULL,
    updated_at         bigint NOT NULL,
    expires_at         bigint,
    revoked_at         bigint,
    last_used_at       bigint,
    rotated_to         text   COLLATE "C",
    rotation_token     text,
    version            bigint NOT NULL,
    -- A JSON object, as it was written.
    metadata           text
);

-- Lists go from the newest to the oldest: of all, of a workspace, of what somebody made, of what
-- rotated into a key. A workspace's keys are counted in the index alone: it has what tells a revoked
-- key from an active one.
CREATE INDEX keyward_keys_by_age       ON keyward_keys (created_at, id);
CREATE INDEX keyward_keys_by_workspace ON keyward_keys (workspace, created_at, id)
    INCLUDE (revoked_at, updated_at);
CREATE INDEX keyward_keys_by_creator   ON keyward_keys (creator, creator_kind, created_at, id)
    WHERE creator IS NOT NULL;
CREATE INDEX keyward_keys_by_successor ON keyward_keys (rotated_to, created_at, id)
    WHERE rotated_to IS NOT NULL;

-- The newest changes, each with a random mark that tells this history from any other. Number 0 is
-- the making of the store and names no key.
CREATE TABLE keyward_changes (
    seq       bigint PRIMARY KEY,
    mark      bigint NOT NULL
        DEFAULT ('x' || translate(left(gen_random_uuid()::text, 18), '-', ''))::bit(64)::bigint,
    id        text,
    digest    bytea,
    operation text CHECK (operation IN ('created', 'updated', 'deleted'))
);
INSERT INTO keyward_changes (seq) VALUES (0);
