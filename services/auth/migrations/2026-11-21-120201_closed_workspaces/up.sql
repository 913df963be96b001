-- Workspaces that await their deletion: their keys do not hold meanwhile.
CREATE TABLE closed_workspaces (
    workspace uuid        PRIMARY KEY,
    closed_at timestamptz NOT NULL
);
CREATE INDEX users_default_workspace ON users (default_workspace) WHERE default_workspace IS NOT NULL;
