-- One event as partners get it: the exact bytes that are signed, once for all endpoints.
CREATE TABLE messages (
    workspace_id uuid        NOT NULL,
    -- The event's id: `webhook-id`, the same for every endpoint and every attempt.
    id           uuid        NOT NULL,
    event_type   text        NOT NULL,
    subject      text        NOT NULL,
    body         bytea       NOT NULL,
    occurred_at  timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- One message for one endpoint.
CREATE TABLE deliveries (
    workspace_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    endpoint_id     uuid        NOT NULL,
    message_id      uuid        NOT NULL,
    event_type      text        NOT NULL,
    -- HELD: its endpoint is paused; it becomes PENDING when the endpoint resumes.
    state           text        NOT NULL CHECK (state IN ('PENDING', 'HELD', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    -- Grows with every resend; a job of an older round finds that it is no longer wanted.
    round           integer     NOT NULL DEFAULT 1,
    round_attempts  integer     NOT NULL DEFAULT 0,
    attempts        integer     NOT NULL DEFAULT 0,
    last_outcome    text,
    last_status     integer,
    next_attempt_at timestamptz,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, endpoint_id, message_id),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES endpoints (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, message_id) REFERENCES messages (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX deliveries_message ON deliveries (workspace_id, message_id);
CREATE INDEX deliveries_log ON deliveries (workspace_id, endpoint_id, id DESC);
CREATE INDEX deliveries_held ON deliveries (workspace_id, endpoint_id) WHERE state = 'HELD';

-- Every time something was sent, or refused before it was.
CREATE TABLE attempts (
    workspace_id  uuid        NOT NULL,
    id            uuid        NOT NULL,
    delivery_id   uuid        NOT NULL,
    number        integer     NOT NULL,
    started_at    timestamptz NOT NULL,
    duration_ms   integer     NOT NULL,
    outcome       text        NOT NULL,
    status        integer,
    response_body text        NOT NULL DEFAULT '',
    truncated     boolean     NOT NULL DEFAULT false,
    next_attempt_at timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, delivery_id, number),
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES deliveries (workspace_id, id) ON DELETE CASCADE
);

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deliveries
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attempts
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
