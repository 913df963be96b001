-- A run may be started by another one. Then it takes its budget from what that one has left.
ALTER TABLE runs
    ADD COLUMN parent_id uuid,
    -- How many runs stand above it.
    ADD COLUMN depth     smallint NOT NULL DEFAULT 0 CHECK (depth BETWEEN 0 AND 3);
-- What runs that it started have taken of its budget, or may take yet.
ALTER TABLE run_leases
    ADD COLUMN drawn_cost   bigint NOT NULL DEFAULT 0,
    ADD COLUMN drawn_tokens bigint NOT NULL DEFAULT 0,
    ADD COLUMN drawn_calls  bigint NOT NULL DEFAULT 0;
