-- The highest number for which somebody waited until every instance has it.
ALTER TABLE keyward_store ADD COLUMN awaited bigint NOT NULL DEFAULT 0;

-- Who verifies keys of this store, and says so.
CREATE TABLE keyward_instances (
    -- Drawn by each instance when it starts.
    id      bigint PRIMARY KEY,
    name    text   NOT NULL,
    -- The number up to which it knows the changes.
    seq     bigint NOT NULL,
    -- In milliseconds: how long it may accept a key of whose end it does not hear, and when it
    -- signed.
    bound   bigint NOT NULL,
    seen_at bigint NOT NULL
);
