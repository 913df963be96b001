-- What the calls of a run with a budget took, and what those under way may take: whoever takes of the budget, a call or a run
-- below, sees all of it under the lock of the lease.
ALTER TABLE run_leases
    ADD COLUMN spent_cost      bigint NOT NULL DEFAULT 0,
    ADD COLUMN spent_tokens    bigint NOT NULL DEFAULT 0,
    ADD COLUMN spent_calls     bigint NOT NULL DEFAULT 0,
    ADD COLUMN reserved_cost   bigint NOT NULL DEFAULT 0,
    ADD COLUMN reserved_tokens bigint NOT NULL DEFAULT 0,
    ADD COLUMN reserved_calls  bigint NOT NULL DEFAULT 0;

-- What a run started is stopped with it.
CREATE INDEX runs_parent ON runs (workspace_id, parent_id) WHERE parent_id IS NOT NULL;
