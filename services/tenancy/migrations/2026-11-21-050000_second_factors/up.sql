-- Whether members must have shown a second factor to do anything in the workspace.
ALTER TABLE workspaces ADD COLUMN require_second_factor boolean NOT NULL DEFAULT false;
