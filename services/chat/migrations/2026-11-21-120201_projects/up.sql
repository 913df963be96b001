-- The project that a conversation belongs to, if any. Tenancy has the projects; here stands which were used and which are gone, so
-- that a project that is deleted while it is used groups nothing afterwards.
ALTER TABLE conversations ADD COLUMN project_id uuid;
CREATE INDEX conversations_project ON conversations (workspace_id, project_id, id DESC) WHERE project_id IS NOT NULL;

CREATE TABLE projects (
    workspace_id uuid    NOT NULL,
    id           uuid    NOT NULL,
    gone         boolean NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON projects
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
