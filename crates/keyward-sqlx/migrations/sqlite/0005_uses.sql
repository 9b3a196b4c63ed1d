-- How often keys are used: the requests of each hour, and those of them that were refused.
CREATE TABLE keyward_uses (
    id            TEXT    NOT NULL,
    -- When the hour began.
    hour          INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    scope_refused INTEGER NOT NULL,
    limited       INTEGER NOT NULL,
    expired       INTEGER NOT NULL,
    revoked       INTEGER NOT NULL,
    PRIMARY KEY (id, hour)
) STRICT, WITHOUT ROWID;
-- For what has become old.
CREATE INDEX keyward_uses_by_hour ON keyward_uses (hour);
-- No foreign key: whether those are kept is an application's connection to say.
CREATE TRIGGER keyward_uses_of_deleted AFTER DELETE ON keyward_keys
BEGIN
    DELETE FROM keyward_uses WHERE id = old.id;
END;

-- Who writes these, and the number of the last flush of each: one that comes twice counts once.
CREATE TABLE keyward_recorders (
    -- Drawn by each recorder when it starts.
    id     INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
