CREATE TABLE conversations (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    owner_id     uuid        NOT NULL,
    -- Of the catalogue or of the workspace; the name stays readable when the persona is gone.
    persona_id   uuid        NOT NULL,
    persona_name text        NOT NULL,
    title        text        NOT NULL,
    visibility   text        NOT NULL DEFAULT 'PRIVATE' CHECK (visibility IN ('PRIVATE', 'SHARED')),
    archived_at  timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX conversations_owner ON conversations (workspace_id, owner_id, id DESC);
CREATE INDEX conversations_shared ON conversations (workspace_id, id DESC) WHERE visibility = 'SHARED';
CREATE INDEX conversations_persona ON conversations (workspace_id, persona_id);

CREATE TABLE messages (
    workspace_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    role            text        NOT NULL CHECK (role IN ('USER', 'ASSISTANT')),
    state           text        NOT NULL CHECK (state IN ('STREAMING', 'COMPLETE', 'FAILED', 'STOPPED')),
    content         text        NOT NULL,
    author_id       uuid,
    -- The log of its making; the user's own messages have none.
    stream_id       uuid,
    error_code      text,
    model           text,
    input_tokens    bigint,
    output_tokens   bigint,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, stream_id),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id) ON DELETE CASCADE,
    CHECK ((role = 'ASSISTANT') = (stream_id IS NOT NULL)),
    CHECK ((role = 'USER') = (author_id IS NOT NULL))
);
CREATE INDEX messages_conversation ON messages (workspace_id, conversation_id, id);
-- One answer at a time: two would each miss the other in their context.
CREATE UNIQUE INDEX messages_one_answer ON messages (workspace_id, conversation_id) WHERE state = 'STREAMING';

-- What a stream has said, append-only: every reader, on whatever connection, reads the same.
CREATE TABLE stream_events (
    workspace_id uuid        NOT NULL,
    stream_id    uuid        NOT NULL,
    seq          integer     NOT NULL,
    event        text        NOT NULL,
    data         jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, stream_id, seq),
    FOREIGN KEY (workspace_id, stream_id) REFERENCES messages (workspace_id, stream_id) ON DELETE CASCADE
);

-- Streams that are being written, for all workspaces: who writes is alive as long as it says so.
CREATE TABLE live_streams (
    stream_id      uuid        PRIMARY KEY,
    tenant         uuid        NOT NULL,
    message_id     uuid        NOT NULL,
    beat_at        timestamptz NOT NULL,
    stop_requested boolean     NOT NULL DEFAULT false
);
CREATE INDEX live_streams_beat ON live_streams (beat_at);

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON conversations
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE stream_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE stream_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stream_events
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
