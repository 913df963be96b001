DROP INDEX sessions_unaudited;
ALTER TABLE sessions DROP COLUMN audited;
