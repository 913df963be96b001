DROP TABLE projects;
DROP INDEX runs_project;
ALTER TABLE runs DROP COLUMN project_id;
