-- The one link by which who holds its secret becomes a MEMBER.
CREATE TABLE join_links (
    workspace_id uuid        PRIMARY KEY REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    -- SHA-256 of the secret, which is kept nowhere.
    digest       bytea       NOT NULL CHECK (octet_length(digest) = 32),
    max_uses     integer     NOT NULL CHECK (max_uses BETWEEN 1 AND 10000),
    -- Since the secret was made.
    uses         integer     NOT NULL DEFAULT 0 CHECK (uses >= 0),
    expires_at   timestamptz NOT NULL,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX join_links_digest ON join_links (digest);

ALTER TABLE join_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE join_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON join_links
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

-- Who holds the secret belongs to no workspace yet.
CREATE POLICY secret ON join_links FOR SELECT
    USING (digest = decode(NULLIF(current_setting('witan.secret', true), ''), 'hex'));
