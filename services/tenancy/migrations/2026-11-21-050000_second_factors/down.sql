ALTER TABLE workspaces DROP COLUMN require_second_factor;
