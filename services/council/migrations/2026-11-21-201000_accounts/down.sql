DROP INDEX runs_parent;
ALTER TABLE run_leases
    DROP COLUMN reserved_calls, DROP COLUMN reserved_tokens, DROP COLUMN reserved_cost,
    DROP COLUMN spent_calls, DROP COLUMN spent_tokens, DROP COLUMN spent_cost;
