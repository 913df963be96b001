-- A run may wait, and may be carried by one process after another until it has ended.
ALTER TABLE runs DROP CONSTRAINT runs_state_check;
ALTER TABLE runs DROP CONSTRAINT runs_check;
ALTER TABLE runs ADD CONSTRAINT runs_state_check
    CHECK (state IN ('QUEUED', 'RUNNING', 'CANCELLING', 'CANCELLED', 'SUCCEEDED', 'FAILED'));
ALTER TABLE runs ADD CONSTRAINT runs_finished_check
    CHECK ((state IN ('QUEUED', 'RUNNING', 'CANCELLING')) = (finished_at IS NULL));
ALTER TABLE runs
    ADD COLUMN started_at timestamptz,
    -- What it may take; NULL where nobody said.
    ADD COLUMN budget     jsonb;

-- Who carries a run, if anybody does, and whether it shall stop.
ALTER TABLE run_leases
    ADD COLUMN holder           uuid,
    ADD COLUMN attempts         smallint NOT NULL DEFAULT 0,
    ADD COLUMN cancel_requested boolean  NOT NULL DEFAULT false;
CREATE INDEX run_leases_holder ON run_leases (holder);

-- How each call to a model ended, written when it ends: whoever carries the run on makes only the calls that are missing.
-- One that was given up says what it took and is made again. Texts are kept until the run has ended.
CREATE TABLE run_calls (
    workspace_id  uuid        NOT NULL,
    run_id        uuid        NOT NULL,
    -- Such as answer/3/fallback: the same in every attempt.
    key           text        NOT NULL,
    attempt       smallint    NOT NULL,
    model         text        NOT NULL,
    answered_by   text,
    state         text        NOT NULL CHECK (state IN ('ANSWERED', 'FAILED', 'CANCELLED')),
    reason        text,
    answer        text,
    input_tokens  bigint      NOT NULL,
    output_tokens bigint      NOT NULL,
    estimated     boolean     NOT NULL,
    cost_micros   bigint      NOT NULL,
    elapsed_ms    integer     NOT NULL,
    ended_at      timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, run_id, key, attempt),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs (workspace_id, id) ON DELETE CASCADE,
    CHECK ((state = 'ANSWERED') = (reason IS NULL))
);
-- A call that ended has ended once.
CREATE UNIQUE INDEX run_calls_once ON run_calls (workspace_id, run_id, key) WHERE state <> 'CANCELLED';

-- What happened in a run, in order: what streams, long polls and the answer itself show.
CREATE TABLE run_events (
    workspace_id uuid        NOT NULL,
    run_id       uuid        NOT NULL,
    seq          integer     NOT NULL CHECK (seq > 0),
    event        text        NOT NULL,
    data         jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, run_id, seq),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs (workspace_id, id) ON DELETE CASCADE
);

-- Runs whose events are kept for a while yet, for all workspaces: how the job that removes them finds them.
CREATE TABLE run_logs (
    run_id   uuid        PRIMARY KEY,
    tenant   uuid        NOT NULL,
    ended_at timestamptz NOT NULL
);
CREATE INDEX run_logs_ended ON run_logs (ended_at);

ALTER TABLE run_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_calls
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE run_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_events
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
