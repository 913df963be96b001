-- A workspace's own agents. What an agent is stands in its versions; runs say which of them they used.
CREATE TABLE agents (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    slug         text        NOT NULL CHECK (slug ~ '^[a-z][a-z0-9-]{1,39}$'),
    -- The version in force.
    version      integer     NOT NULL CHECK (version > 0),
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, slug)
);

CREATE TABLE agent_versions (
    workspace_id uuid        NOT NULL,
    agent_id     uuid        NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    name         text        NOT NULL,
    about        text        NOT NULL,
    instructions text        NOT NULL,
    criteria     jsonb       NOT NULL,
    mode         text        NOT NULL CHECK (mode IN ('SINGLE', 'SELF_ENSEMBLE', 'COUNCIL', 'VOTE')),
    -- Empty: the council that the settings describe.
    members      text[]      NOT NULL,
    chairs       text[]      NOT NULL,
    quorum       smallint    CHECK (quorum > 0),
    changed_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, agent_id, version),
    FOREIGN KEY (workspace_id, agent_id) REFERENCES agents (workspace_id, id) ON DELETE CASCADE
);

-- Of the workspace's own; what it was then stands in the sitting, also when the agent is gone.
ALTER TABLE runs ADD COLUMN agent_version integer;

ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE agent_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE agent_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agent_versions
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

CREATE FUNCTION note_author() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO places (user_id, tenant) VALUES (NEW.changed_by, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_author AFTER INSERT ON agent_versions FOR EACH ROW EXECUTE FUNCTION note_author();
