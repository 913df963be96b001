-- Who people are, as auth's events told it. Belongs to no workspace: one person may be in many.
CREATE TABLE people (
    user_id    uuid        PRIMARY KEY,
    email      text        NOT NULL,
    name       text        NOT NULL,
    updated_at timestamptz NOT NULL
);

-- At most one workspace is made for a person by the verification of their address, however often its event arrives.
CREATE TABLE first_workspaces (
    user_id    uuid        PRIMARY KEY,
    created_at timestamptz NOT NULL
);

CREATE TABLE workspaces (
    workspace_id uuid        PRIMARY KEY,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    time_zone    text        NOT NULL DEFAULT 'UTC',
    locale       text        NOT NULL DEFAULT 'en',
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);

CREATE TABLE members (
    workspace_id uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    user_id      uuid        NOT NULL,
    role         text        NOT NULL CHECK (role IN ('ADMIN', 'MEMBER')),
    status       text        NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'INACTIVE')),
    joined_at    timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user ON members (user_id, joined_at);

ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workspaces
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON members
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

-- "Which workspaces am I in?" crosses workspaces by its nature. A person, bound to the transaction like a workspace
-- is, sees their own memberships and the workspaces of these, and changes nothing.
CREATE POLICY own ON members FOR SELECT
    USING (user_id = NULLIF(current_setting('witan.user_id', true), '')::uuid);
CREATE POLICY own ON workspaces FOR SELECT
    USING (NULLIF(current_setting('witan.user_id', true), '') IS NOT NULL
           AND workspace_id IN (SELECT m.workspace_id FROM members m
                                WHERE m.user_id = NULLIF(current_setting('witan.user_id', true), '')::uuid));
