-- A session that follows one that was ended takes only tokens that were issued after that end.
ALTER TABLE sessions ADD COLUMN issued_after timestamptz;
