-- Who did what to which key, appended in the transaction of the act. No secret and no digest. What
-- is named here may be gone.
CREATE TABLE keyward_audit (
    -- In the order of the commits, because it is drawn under the change counter's lock.
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          bigint NOT NULL,
    act         text   NOT NULL,
    key_id      text   COLLATE "C" NOT NULL,
    -- What the key was called from then on.
    name        text   NOT NULL,
    workspace   text   COLLATE "C" NOT NULL,
    actor_kind  text   CHECK (actor_kind IN ('person', 'key')),
    actor       text   CHECK ((actor IS NULL) = (actor_kind IS NULL)),
    address     text,
    request_id  text,
    -- What was changed of the key: names with a space between.
    fields      text   NOT NULL,
    -- The other key of a rotation.
    counterpart text
);
CREATE INDEX keyward_audit_by_key       ON keyward_audit (key_id, number);
CREATE INDEX keyward_audit_by_workspace ON keyward_audit (workspace, number);
