-- Workspaces that await their deletion: nothing is sent, and what would be is held until they are restored.
CREATE TABLE silences (
    workspace_id uuid        PRIMARY KEY,
    since        timestamptz NOT NULL
);

ALTER TABLE silences ENABLE ROW LEVEL SECURITY;
ALTER TABLE silences FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON silences
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
