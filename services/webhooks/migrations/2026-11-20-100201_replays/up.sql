-- Deliveries of a time that are sent again, in batches, by a job.
CREATE TABLE replays (
    workspace_id uuid        NOT NULL,
    id           uuid        NOT NULL,
    endpoint_id  uuid        NOT NULL,
    -- REPLAY: all of them. RECOVER: those that did not arrive.
    kind         text        NOT NULL CHECK (kind IN ('REPLAY', 'RECOVER')),
    since        timestamptz NOT NULL,
    until        timestamptz,
    -- All types when null.
    event_types  text[],
    state        text        NOT NULL DEFAULT 'RUNNING' CHECK (state IN ('RUNNING', 'COMPLETED', 'CANCELLED')),
    -- What was there to be sent when it was asked for, and what has been put on its way.
    total        bigint      NOT NULL,
    done         bigint      NOT NULL DEFAULT 0,
    -- The last delivery that was looked at, and the bound that none reaches that was made after the replay.
    position     uuid        NOT NULL,
    bound        uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, endpoint_id) REFERENCES endpoints (workspace_id, id) ON DELETE CASCADE,
    CHECK ((state = 'RUNNING') = (finished_at IS NULL))
);
-- One at a time for an endpoint.
CREATE UNIQUE INDEX replays_running ON replays (workspace_id, endpoint_id) WHERE state = 'RUNNING';
CREATE INDEX replays_endpoint ON replays (workspace_id, endpoint_id);

ALTER TABLE replays ENABLE ROW LEVEL SECURITY;
ALTER TABLE replays FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON replays
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
