-- A workspace that awaits its deletion: nobody works in it, and until then it can be restored.
ALTER TABLE workspaces
    ADD COLUMN deletion_requested_at timestamptz,
    ADD COLUMN deletion_requested_by uuid,
    ADD COLUMN deletion_due_at       timestamptz,
    ADD CHECK (num_nonnulls(deletion_requested_at, deletion_requested_by, deletion_due_at) IN (0, 3));

-- When which workspace is due, for the pass that looks at all of them. Begun, it is not restored any longer.
CREATE TABLE deletions (
    tenant   uuid        PRIMARY KEY,
    due_at   timestamptz NOT NULL,
    begun_at timestamptz,
    asked_at timestamptz
);
CREATE INDEX deletions_due ON deletions (due_at);

-- How far every service is with removing what it holds.
CREATE TABLE purges (
    workspace_id uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    service      text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('REQUESTED', 'DONE')),
    requested_at timestamptz NOT NULL,
    done_at      timestamptz,
    rows         bigint,
    PRIMARY KEY (workspace_id, service)
);

ALTER TABLE purges ENABLE ROW LEVEL SECURITY;
ALTER TABLE purges FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON purges
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
