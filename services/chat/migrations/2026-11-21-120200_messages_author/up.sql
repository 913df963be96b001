-- What a person said is looked for when they want it all, and when they leave.
CREATE INDEX messages_author ON messages (workspace_id, author_id, id) WHERE author_id IS NOT NULL;
