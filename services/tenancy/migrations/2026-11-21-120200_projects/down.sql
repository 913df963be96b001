DROP TABLE projects;
DROP INDEX startups_stage;
DROP INDEX startups_present;
ALTER TABLE startups DROP COLUMN deleted_at;
