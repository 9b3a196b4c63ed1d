-- How often keys are used: the requests of each hour, and those of them that were refused.
CREATE TABLE keyward_uses (
    id            text   COLLATE "C" NOT NULL REFERENCES keyward_keys ON DELETE CASCADE,
    -- When the hour began.
    hour          bigint NOT NULL,
    requests      bigint NOT NULL,
    scope_refused bigint NOT NULL,
    limited       bigint NOT NULL,
    expired       bigint NOT NULL,
    revoked       bigint NOT NULL,
    PRIMARY KEY (id, hour)
);
-- For what has become old.
CREATE INDEX keyward_uses_by_hour ON keyward_uses (hour);

-- Who writes these, and the number of the last flush of each: one that comes twice counts once.
CREATE TABLE keyward_recorders (
    -- Drawn by each recorder when it starts.
    id     bigint PRIMARY KEY,
    number bigint NOT NULL,
    at     bigint NOT NULL
);
