ALTER TABLE deliveries DROP COLUMN slot_at, DROP COLUMN sending_until;
ALTER TABLE endpoints DROP COLUMN rate_limit, DROP COLUMN max_concurrency, DROP COLUMN timeout_seconds,
    DROP COLUMN rate_window, DROP COLUMN rate_used;
