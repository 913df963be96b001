-- E-mail domains that a workspace says are its own. Anybody may say so; the DNS decides.
CREATE TABLE domains (
    workspace_id  uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    id            uuid        NOT NULL,
    -- In ASCII and in small letters, as in addresses.
    domain        text        NOT NULL,
    -- What the TXT record must say. Random; no secret, as the DNS shows it.
    challenge     text        NOT NULL,
    status        text        NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'VERIFIED', 'LOST')),
    -- Whether who has a proved address of the domain may join.
    joining       boolean     NOT NULL DEFAULT false,
    verified_at   timestamptz,
    checked_at    timestamptz,
    failing_since timestamptz,
    created_by    uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CONSTRAINT domains_name UNIQUE (workspace_id, domain),
    CHECK (status = 'VERIFIED' OR NOT joining)
);

ALTER TABLE domains ENABLE ROW LEVEL SECURITY;
ALTER TABLE domains FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domains
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

-- Whose a proved domain is: one workspace's, of all there are. It says nothing but that; whether people may join is in the
-- workspace's own row. What is looked at daily is found by it.
CREATE TABLE domain_owners (
    domain     text        PRIMARY KEY,
    tenant     uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    claim      uuid        NOT NULL,
    checked_at timestamptz NOT NULL
);
CREATE INDEX domain_owners_tenant ON domain_owners (tenant);
CREATE INDEX domain_owners_checked ON domain_owners (checked_at);
