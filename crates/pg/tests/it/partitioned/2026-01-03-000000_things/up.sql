CREATE TABLE things (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    came_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);
ALTER TABLE things ENABLE ROW LEVEL SECURITY;
ALTER TABLE things FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON things
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
CREATE TABLE things_default PARTITION OF things DEFAULT;

CREATE TABLE labels (thing uuid PRIMARY KEY) PARTITION BY RANGE (thing);
CREATE TABLE labels_default PARTITION OF labels DEFAULT;
SELECT close_partition('things_default'), close_partition('labels_default');
