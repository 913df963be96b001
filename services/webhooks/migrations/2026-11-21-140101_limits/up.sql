-- How much an endpoint takes; where nothing is said it is what the installation allows.
ALTER TABLE endpoints
    ADD COLUMN rate_limit      integer CHECK (rate_limit BETWEEN 1 AND 1000),
    ADD COLUMN max_concurrency integer CHECK (max_concurrency BETWEEN 1 AND 32),
    ADD COLUMN timeout_seconds integer CHECK (timeout_seconds BETWEEN 1 AND 30),
    -- The furthest window of which places are given out, and how many.
    ADD COLUMN rate_window     timestamptz,
    ADD COLUMN rate_used       integer NOT NULL DEFAULT 0;

ALTER TABLE deliveries
    -- Its place in a window of its endpoint's rate.
    ADD COLUMN slot_at       timestamptz,
    -- On its way; of endpoints with a bound on those only. Who died on the way counts until then.
    ADD COLUMN sending_until timestamptz;
CREATE INDEX deliveries_sending ON deliveries (workspace_id, endpoint_id) WHERE sending_until IS NOT NULL;
