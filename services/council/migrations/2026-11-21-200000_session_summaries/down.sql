ALTER TABLE runs DROP COLUMN session_outline;
ALTER TABLE sessions DROP COLUMN summarised, DROP COLUMN summarised_to, DROP COLUMN summary;
