-- A workspace's keys are counted, and an offset into them is skipped, in the index alone: it has
-- what tells a revoked key from an active one.
DROP INDEX keyward_keys_by_workspace;
CREATE INDEX keyward_keys_by_workspace
    ON keyward_keys (workspace, created_at, id, revoked_at, updated_at);

-- What rotated into a key.
CREATE INDEX keyward_keys_by_successor ON keyward_keys (rotated_to, created_at, id)
    WHERE rotated_to IS NOT NULL;
