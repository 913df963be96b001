-- What a person asked is looked for when they want it all, and when they leave.
CREATE INDEX runs_user ON runs (workspace_id, user_id, id);
