-- Work to be done. A worker holds a job by `lease_token` until `lease_until`; whoever lost the lease cannot
-- finish the job any more. A system table: the payload is opaque and says itself whose work it is.
CREATE TABLE jobs (
    id           uuid        PRIMARY KEY,
    kind         text        NOT NULL,
    payload      jsonb       NOT NULL,
    state        text        NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'dead')),
    run_at       timestamptz NOT NULL,
    -- When `run_at` was set. If that is still to come, the clock was set back since.
    set_at       timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    max_attempts integer     NOT NULL CHECK (max_attempts > 0),
    dedupe_key   text,
    lease_token  uuid,
    lease_until  timestamptz,
    last_error   text,
    traceparent  text,
    tracestate   text,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz
);

CREATE INDEX jobs_ready ON jobs (kind, run_at) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (kind, lease_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
-- One unfinished job per key.
CREATE UNIQUE INDEX jobs_dedupe_key ON jobs (kind, dedupe_key) WHERE state IN ('ready', 'running');

-- Work to be done again and again; whoever takes the row's lease runs it.
CREATE TABLE periodic_jobs (
    name        text        PRIMARY KEY,
    next_at     timestamptz NOT NULL,
    lease_token uuid,
    lease_until timestamptz,
    last_error  text
);
