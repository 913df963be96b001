-- A key belongs to a person or to a workspace. The key itself is nowhere: it is found by `prefix`, which is no secret,
-- and compared by its SHA-256. A workspace's key outlives whoever made it.
CREATE TABLE api_keys (
    id             uuid PRIMARY KEY,
    prefix         text NOT NULL UNIQUE,
    digest         bytea NOT NULL CHECK (octet_length(digest) = 32),
    user_id        uuid REFERENCES users ON DELETE CASCADE,
    workspace      uuid,
    created_by     uuid NOT NULL,
    name           text NOT NULL,
    scopes         text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    last_used_at   timestamptz,
    revoked_at     timestamptz,
    revoked_reason text,
    CHECK (num_nonnulls(user_id, workspace) = 1),
    CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX api_keys_user ON api_keys (user_id, id) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_workspace ON api_keys (workspace, id) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_expiry ON api_keys (expires_at);
