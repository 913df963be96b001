-- A workspace's own roles: what each allows, by the names of permissions.
CREATE TABLE roles (
    workspace_id uuid        NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    -- The name with its case folded: no two roles of a workspace differ in that alone.
    name_key     text        NOT NULL,
    description  text,
    permissions  text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CONSTRAINT roles_name UNIQUE (workspace_id, name_key)
);
ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON roles
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE members
    DROP CONSTRAINT members_role_check,
    ADD COLUMN role_id uuid,
    -- Whether the person's account is closed, as `people` has it: what every list, count and check of members asks.
    ADD COLUMN closed boolean NOT NULL DEFAULT false,
    -- Until when auth may be closing the account: until then nobody relies on this member to run the workspace.
    ADD COLUMN leaving_until timestamptz,
    ADD COLUMN acts boolean NOT NULL GENERATED ALWAYS AS (status = 'ACTIVE' AND NOT closed) STORED,
    ADD CONSTRAINT members_role CHECK (role IN ('ADMIN', 'MEMBER', 'CUSTOM')),
    ADD CONSTRAINT members_role_id CHECK ((role = 'CUSTOM') = (role_id IS NOT NULL)),
    ADD CONSTRAINT members_own_role FOREIGN KEY (workspace_id, role_id) REFERENCES roles (workspace_id, id);
-- A page of any filter is read from an index, however many members there are.
CREATE INDEX members_by_role ON members (workspace_id, role, user_id);
CREATE INDEX members_by_own_role ON members (workspace_id, role_id, user_id);
CREATE INDEX members_by_standing ON members (workspace_id, acts, user_id);
CREATE INDEX members_by_arrival ON members (workspace_id, joined_at);

-- A person sees the roles that they hold, wherever that is.
CREATE POLICY own ON roles FOR SELECT
    USING (EXISTS (SELECT FROM members m
                   WHERE m.user_id = NULLIF(current_setting('witan.user_id', true), '')::uuid
                     AND m.workspace_id = roles.workspace_id AND m.role_id = roles.id));

-- Whose account is closed is a member that does not act from the first moment. The lock is that of the closing: of
-- a closing and a joining at the same time, the second one knows of the first.
CREATE FUNCTION note_standing() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('standing:' || NEW.user_id, 0));
    UPDATE members m SET closed = true FROM people p
        WHERE m.workspace_id = NEW.workspace_id AND m.user_id = NEW.user_id AND p.user_id = NEW.user_id AND p.closed;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_standing AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION note_standing();

-- Somebody who is no member yet is found by the address that the asker already knows, and by nothing less.
ALTER TABLE people ADD COLUMN email_key text NOT NULL GENERATED ALWAYS AS (lower(email)) STORED;
CREATE INDEX people_email ON people (email_key);
CREATE POLICY asked ON people FOR SELECT
    USING (email_key = NULLIF(current_setting('witan.asked_email', true), ''));
