-- A person's conversation with agents: what was said, which tools were used. ACTIVE until it is ended or nothing happens
-- for a day.
CREATE TABLE sessions (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    title        text        NOT NULL,
    -- Whom questions in it are for unless they say otherwise.
    agent        text,
    project_id   uuid,
    state        text        NOT NULL CHECK (state IN ('ACTIVE', 'ENDED', 'EXPIRED')),
    -- How many entries it has: each message and each use of a tool has a number.
    entries      integer     NOT NULL DEFAULT 0,
    active_at    timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK ((state = 'ACTIVE') = (ended_at IS NULL))
);
CREATE INDEX sessions_user ON sessions (workspace_id, user_id, id DESC);
CREATE INDEX sessions_project ON sessions (workspace_id, project_id) WHERE project_id IS NOT NULL;

CREATE TABLE session_messages (
    workspace_id uuid        NOT NULL,
    session_id   uuid        NOT NULL,
    seq          integer     NOT NULL,
    id           uuid        NOT NULL,
    role         text        NOT NULL CHECK (role IN ('USER', 'ASSISTANT', 'SYSTEM', 'TOOL')),
    content      text        NOT NULL,
    -- The run that it was asked in or that answered it.
    run_id       uuid,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, session_id, seq),
    FOREIGN KEY (workspace_id, session_id) REFERENCES sessions (workspace_id, id) ON DELETE CASCADE
);

CREATE TABLE session_tools (
    workspace_id uuid        NOT NULL,
    session_id   uuid        NOT NULL,
    seq          integer     NOT NULL,
    id           uuid        NOT NULL,
    tool         text        NOT NULL,
    kind         text        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('SUCCEEDED', 'FAILED', 'CANCELLED')),
    duration_ms  integer     NOT NULL CHECK (duration_ms >= 0),
    detail       text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, session_id, seq),
    FOREIGN KEY (workspace_id, session_id) REFERENCES sessions (workspace_id, id) ON DELETE CASCADE
);

-- Sessions that are not over, of all workspaces: what the hourly job looks through.
CREATE TABLE live_sessions (
    session_id uuid        PRIMARY KEY,
    tenant     uuid        NOT NULL,
    active_at  timestamptz NOT NULL
);
CREATE INDEX live_sessions_idle ON live_sessions (active_at);

-- A run that was asked in a session, and how much of it the models were told.
ALTER TABLE runs ADD COLUMN session_id uuid, ADD COLUMN session_read jsonb;

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE session_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON session_messages
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE session_tools ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_tools FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON session_tools
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

CREATE TRIGGER note_asker AFTER INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION note_asker();
