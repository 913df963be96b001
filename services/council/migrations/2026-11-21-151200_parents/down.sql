ALTER TABLE run_leases DROP COLUMN drawn_cost, DROP COLUMN drawn_tokens, DROP COLUMN drawn_calls;
ALTER TABLE runs DROP COLUMN parent_id, DROP COLUMN depth;
