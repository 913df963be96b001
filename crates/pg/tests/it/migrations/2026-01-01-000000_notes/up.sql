CREATE TABLE notes (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

CREATE TABLE counters (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counters VALUES ('a', 0), ('b', 0);
