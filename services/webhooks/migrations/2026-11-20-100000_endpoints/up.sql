-- Where a workspace wants its events sent, and how that has been going.
CREATE TABLE endpoints (
    workspace_id         uuid        NOT NULL,
    id                   uuid        NOT NULL,
    -- AES-256-GCM: partners put credentials into paths and queries.
    url_sealed           bytea       NOT NULL,
    description          text        NOT NULL DEFAULT '',
    events               text[]      NOT NULL,
    -- A JSON object of names and values, sealed as one.
    headers_sealed       bytea,
    state                text        NOT NULL DEFAULT 'ENABLED' CHECK (state IN ('ENABLED', 'PAUSED', 'DISABLED')),
    disabled_reason      text        CHECK (disabled_reason IN ('GONE', 'FAILING')),
    -- Health: written on a failure and on the first success after one, so that a healthy endpoint costs no write.
    consecutive_failures integer     NOT NULL DEFAULT 0,
    failing_since        timestamptz,
    breaker_until        timestamptz,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CHECK ((state = 'DISABLED') = (disabled_reason IS NOT NULL))
);

-- Two at most are live at a time: the current one, and the previous one until its overlap ends.
CREATE TABLE endpoint_secrets (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    endpoint_id  uuid        NOT NULL,
    sealed       bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES endpoints (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX endpoint_secrets_endpoint ON endpoint_secrets (workspace_id, endpoint_id);
CREATE UNIQUE INDEX endpoint_secrets_current ON endpoint_secrets (workspace_id, endpoint_id) WHERE expires_at IS NULL;

ALTER TABLE endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON endpoints
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE endpoint_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE endpoint_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON endpoint_secrets
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
