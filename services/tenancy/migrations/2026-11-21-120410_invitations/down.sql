DROP POLICY invited ON workspaces;
DROP TABLE invitations;
