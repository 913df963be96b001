-- Who is asked into a workspace, by address. A time that has come ends an invitation by itself; EXPIRED is written where
-- another one takes its place.
CREATE TABLE invitations (
    workspace_id uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    id           uuid        NOT NULL,
    email        text        NOT NULL,
    email_key    text        NOT NULL,
    role         text        NOT NULL CHECK (role IN ('ADMIN', 'MEMBER', 'CUSTOM')),
    -- The workspace's own role. Nothing holds it: a role may go although somebody was invited to it.
    role_id      uuid,
    status       text        NOT NULL DEFAULT 'PENDING'
                             CHECK (status IN ('PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED', 'EXPIRED')),
    invited_by   uuid        NOT NULL,
    -- SHA-256 of the secret of the newest mail.
    digest       bytea       NOT NULL CHECK (octet_length(digest) = 32),
    -- The secret, until its mail is on its way.
    sealed       bytea,
    -- How many mails there were; the newest counts.
    mails        integer     NOT NULL DEFAULT 1,
    mailed_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_by  uuid,
    settled_at   timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CHECK ((role = 'CUSTOM') = (role_id IS NOT NULL)),
    CHECK ((status = 'PENDING') = (settled_at IS NULL)),
    CHECK (accepted_by IS NULL OR status = 'ACCEPTED'),
    CHECK (sealed IS NULL OR status = 'PENDING')
);
CREATE UNIQUE INDEX invitations_pending ON invitations (workspace_id, email_key) WHERE status = 'PENDING';
CREATE INDEX invitations_email ON invitations (email_key, id);
CREATE INDEX invitations_digest ON invitations (digest);

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

-- Who is invited belongs to no workspace yet. They see what is for the address that they proved, or what they hold the
-- secret of, each bound to the transaction like a workspace is, and change nothing.
CREATE POLICY own ON invitations FOR SELECT
    USING (email_key = NULLIF(current_setting('witan.email', true), ''));
CREATE POLICY secret ON invitations FOR SELECT
    USING (digest = decode(NULLIF(current_setting('witan.secret', true), ''), 'hex'));

-- And the name of where they are asked to.
CREATE POLICY invited ON workspaces FOR SELECT
    USING (NULLIF(current_setting('witan.email', true), '') IS NOT NULL
           AND workspace_id IN (SELECT i.workspace_id FROM invitations i
                                WHERE i.email_key = NULLIF(current_setting('witan.email', true), '')
                                  AND i.status = 'PENDING'));
