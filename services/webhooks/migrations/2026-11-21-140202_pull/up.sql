-- Endpoints that nothing is sent to: their events are held until somebody fetches them.
ALTER TABLE endpoints
    ALTER COLUMN url_sealed DROP NOT NULL,
    -- The last place that was given to what is held for it. Given under the row's lock, so that places become visible in their
    -- order: who has seen one has seen all before it.
    ADD COLUMN pull_position bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT endpoints_state_check,
    ADD CONSTRAINT endpoints_state_check CHECK (state IN ('ENABLED', 'UNVERIFIED', 'PAUSED', 'DISABLED', 'PULLED')),
    ADD CHECK ((state = 'PULLED') = (url_sealed IS NULL));
ALTER TABLE deliveries ADD COLUMN pull_position bigint;
CREATE INDEX deliveries_pull ON deliveries (workspace_id, endpoint_id, pull_position)
    WHERE pull_position IS NOT NULL AND state IN ('HELD', 'CANCELLED', 'FAILED');
