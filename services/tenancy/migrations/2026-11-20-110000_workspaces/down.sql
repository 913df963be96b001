DROP TABLE members;
DROP TABLE workspaces;
DROP TABLE first_workspaces;
DROP TABLE people;
