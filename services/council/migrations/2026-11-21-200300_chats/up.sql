-- What a front end calls the chat that a question was asked in, so that it finds the answer again.
ALTER TABLE runs ADD COLUMN chat text CHECK (length(chat) BETWEEN 1 AND 200);
CREATE INDEX runs_chat ON runs (workspace_id, user_id, chat, id DESC) WHERE chat IS NOT NULL;
