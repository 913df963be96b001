-- What consumers did, in the order in which they did it.
CREATE TABLE ledger (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event uuid NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    waited double precision NOT NULL
);
CREATE TABLE notes (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
