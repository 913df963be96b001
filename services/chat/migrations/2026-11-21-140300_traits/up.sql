-- With what others sign when they send traits into this workspace.
CREATE TABLE trait_secrets (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    -- AES-256-GCM; shown once.
    sealed       bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Of one that was replaced: the end of the overlap.
    expires_at   timestamptz,
    PRIMARY KEY (workspace_id, id)
);

-- Of two who replace the secret at once, one does.
CREATE UNIQUE INDEX trait_secrets_current ON trait_secrets (workspace_id) WHERE expires_at IS NULL;

ALTER TABLE trait_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE trait_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON trait_secrets
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

-- As of when the traits are, by the clock of who sent them: what is older changes nothing.
ALTER TABLE personas ADD COLUMN traits_as_of timestamptz;
