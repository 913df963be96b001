-- Personas of the platform: the same for every workspace, so they belong to none. Workspaces read them and change nothing.
CREATE TABLE catalogue_personas (
    id               uuid        PRIMARY KEY,
    name             text        NOT NULL UNIQUE,
    role             text        NOT NULL,
    about            text        NOT NULL,
    traits           text[]      NOT NULL,
    expertise        text[]      NOT NULL,
    style            text        NOT NULL,
    pain_points      text[]      NOT NULL,
    responsibilities text[]      NOT NULL,
    -- NULL: the model that the settings name.
    model            text,
    created_at       timestamptz NOT NULL
);

-- Personas of one workspace.
CREATE TABLE personas (
    workspace_id     uuid        NOT NULL,
    id               uuid        NOT NULL,
    name             text        NOT NULL,
    role             text        NOT NULL,
    about            text        NOT NULL DEFAULT '',
    traits           text[]      NOT NULL DEFAULT '{}',
    expertise        text[]      NOT NULL DEFAULT '{}',
    style            text        NOT NULL DEFAULT '',
    pain_points      text[]      NOT NULL DEFAULT '{}',
    responsibilities text[]      NOT NULL DEFAULT '{}',
    backend          text        NOT NULL CHECK (backend IN ('MODEL', 'WEBHOOK', 'COUNCIL')),
    model            text,
    agent            text,
    -- AES-256-GCM; only the host is ever shown.
    url_sealed       bytea,
    url_host         text,
    secret_sealed    bytea,
    created_by       uuid        NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name),
    CHECK ((backend = 'WEBHOOK') = (url_sealed IS NOT NULL AND url_host IS NOT NULL AND secret_sealed IS NOT NULL)),
    CHECK ((backend = 'COUNCIL') = (agent IS NOT NULL))
);

ALTER TABLE personas ENABLE ROW LEVEL SECURITY;
ALTER TABLE personas FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON personas
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
