-- The companies that agents advise.
CREATE TABLE startups (
    workspace_id uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    description  text,
    industry     text,
    stage        text        CHECK (stage IN ('IDEA', 'PRE_SEED', 'SEED', 'SERIES_A', 'SERIES_B', 'GROWTH')),
    website      text,
    country      text,
    team_size    integer     CHECK (team_size BETWEEN 0 AND 1000000),
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

ALTER TABLE startups ENABLE ROW LEVEL SECURITY;
ALTER TABLE startups FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON startups
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
