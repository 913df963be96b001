-- Where a workspace wants its events sent, or fetches them, and how that has been going.
CREATE TABLE endpoints (
    workspace_id         uuid        NOT NULL,
    id                   uuid        NOT NULL,
    -- AES-256-GCM: partners put credentials into paths and queries. None where nothing is sent: events are held until they are fetched.
    url_sealed           bytea,
    description          text        NOT NULL DEFAULT '',
    events               text[]      NOT NULL,
    -- A JSON object of names and values, sealed as one.
    headers_sealed       bytea,
    state                text        NOT NULL DEFAULT 'ENABLED'
                         CHECK (state IN ('ENABLED', 'UNVERIFIED', 'PAUSED', 'DISABLED', 'PULLED')),
    disabled_reason      text        CHECK (disabled_reason IN ('GONE', 'FAILING')),
    -- Health: written on a failure and on the first success after one, so that a healthy endpoint costs no write.
    consecutive_failures integer     NOT NULL DEFAULT 0,
    failing_since        timestamptz,
    breaker_until        timestamptz,
    -- How deliveries are signed, chosen once; and what a receiver verifies them with, where that is not a secret.
    signature            text        NOT NULL DEFAULT 'hmac-sha256' CHECK (signature IN ('hmac-sha256', 'ed25519')),
    public_key           text,
    -- How much it takes; where nothing is said it is what the installation allows.
    rate_limit           integer     CHECK (rate_limit BETWEEN 1 AND 1000),
    max_concurrency      integer     CHECK (max_concurrency BETWEEN 1 AND 32),
    timeout_seconds      integer     CHECK (timeout_seconds BETWEEN 1 AND 30),
    -- Waits between attempts; none where the first is the last.
    retry_seconds        integer[]   CHECK (cardinality(retry_seconds) <= 50 AND 1 <= ALL (retry_seconds) AND 604800 >= ALL (retry_seconds)),
    -- The furthest window of which places are given out, and how many.
    rate_window          timestamptz,
    rate_used            integer     NOT NULL DEFAULT 0,
    -- Gets what happened to one thing in the order in which it happened.
    ordered              boolean     NOT NULL DEFAULT false,
    -- Whether its receiver must agree before it gets anything (CloudEvents HTTP 1.1 Web Hooks, abuse protection).
    verification         text        NOT NULL DEFAULT 'NONE' CHECK (verification IN ('NONE', 'REQUIRED')),
    -- When the receiver at the present URL agreed, and to how many requests in a minute at most.
    verified_at          timestamptz,
    allowed_rate         integer     CHECK (allowed_rate > 0),
    -- The last place that was given to what is held for it. Given under the row's lock, so that places become visible in their
    -- order: who has seen one has seen all before it.
    pull_position        bigint      NOT NULL DEFAULT 0,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CHECK ((state = 'DISABLED') = (disabled_reason IS NOT NULL)),
    CHECK ((state = 'PULLED') = (url_sealed IS NULL)),
    CHECK ((signature = 'ed25519') = (public_key IS NOT NULL)),
    CHECK (allowed_rate IS NULL OR verified_at IS NOT NULL),
    CHECK (state <> 'UNVERIFIED' OR verification = 'REQUIRED'),
    CHECK (state <> 'ENABLED' OR verification = 'NONE' OR verified_at IS NOT NULL)
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

-- Breakers that are not closed, of all workspaces: operators count them. Written by the database itself, so that no way of
-- changing an endpoint forgets it.
CREATE TABLE breakers (
    tenant      uuid        NOT NULL,
    endpoint_id uuid        NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (tenant, endpoint_id),
    FOREIGN KEY (tenant, endpoint_id) REFERENCES endpoints (workspace_id, id) ON DELETE CASCADE
);

CREATE FUNCTION note_breaker() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.breaker_until IS NULL THEN
        DELETE FROM breakers WHERE tenant = NEW.workspace_id AND endpoint_id = NEW.id;
    ELSE
        INSERT INTO breakers VALUES (NEW.workspace_id, NEW.id, NEW.breaker_until)
        ON CONFLICT (tenant, endpoint_id) DO UPDATE SET until = excluded.until;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_breaker AFTER UPDATE OF breaker_until ON endpoints FOR EACH ROW
    WHEN (NEW.breaker_until IS DISTINCT FROM OLD.breaker_until) EXECUTE FUNCTION note_breaker();

-- Workspaces that await their deletion: nothing is sent, and what would be is held until they are restored.
CREATE TABLE silences (
    workspace_id uuid        PRIMARY KEY,
    since        timestamptz NOT NULL
);

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

ALTER TABLE silences ENABLE ROW LEVEL SECURITY;
ALTER TABLE silences FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON silences
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
