CREATE TABLE open (workspace_id uuid NOT NULL, id uuid NOT NULL);
