ALTER TABLE sessions DROP COLUMN issued_after;
