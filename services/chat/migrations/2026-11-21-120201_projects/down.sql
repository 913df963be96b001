DROP TABLE projects;
DROP INDEX conversations_project;
ALTER TABLE conversations DROP COLUMN project_id;
