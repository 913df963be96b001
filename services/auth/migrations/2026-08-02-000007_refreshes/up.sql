-- How many refreshes of the session the audit log has heard of.
ALTER TABLE sessions ADD COLUMN audited bigint NOT NULL DEFAULT 0;
CREATE INDEX sessions_unaudited ON sessions (last_used_at) WHERE counter > audited;
