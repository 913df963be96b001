-- A deleted start-up stays, for those who hold its id, and is shown to nobody.
ALTER TABLE startups ADD COLUMN deleted_at timestamptz;
CREATE INDEX startups_present ON startups (workspace_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX startups_stage ON startups (workspace_id, stage, id DESC) WHERE deleted_at IS NULL;

-- What groups conversations and runs.
CREATE TABLE projects (
    workspace_id uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    description  text,
    archived_at  timestamptz,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX projects_present ON projects (workspace_id, id DESC) WHERE deleted_at IS NULL;
CREATE TRIGGER note_creator AFTER INSERT ON projects FOR EACH ROW EXECUTE FUNCTION note_creator();

ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON projects
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
