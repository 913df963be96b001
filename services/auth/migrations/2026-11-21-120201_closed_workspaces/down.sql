DROP INDEX users_default_workspace;
DROP TABLE closed_workspaces;
