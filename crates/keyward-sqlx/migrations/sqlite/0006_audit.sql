-- Who did what to which key, appended in the transaction of the act. No secret and no digest. What
-- is named here may be gone.
CREATE TABLE keyward_audit (
    -- In the order of the commits.
    number      INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    act         TEXT    NOT NULL,
    key_id      TEXT    NOT NULL,
    -- What the key was called from then on.
    name        TEXT    NOT NULL,
    workspace   TEXT    NOT NULL,
    actor_kind  TEXT    CHECK (actor_kind IN ('person', 'key')),
    actor       TEXT    CHECK ((actor IS NULL) = (actor_kind IS NULL)),
    address     TEXT,
    request_id  TEXT,
    -- What was changed of the key: names with a space between.
    fields      TEXT    NOT NULL,
    -- The other key of a rotation.
    counterpart TEXT
) STRICT;
CREATE INDEX keyward_audit_by_key       ON keyward_audit (key_id, number);
CREATE INDEX keyward_audit_by_workspace ON keyward_audit (workspace, number);
