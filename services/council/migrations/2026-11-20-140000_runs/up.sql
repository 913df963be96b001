-- A question to the council and what came of it. RUNNING until it ends, once.
CREATE TABLE runs (
    workspace_id            uuid        NOT NULL,
    id                      uuid        NOT NULL,
    user_id                 uuid        NOT NULL,
    -- The service that asked on the user's behalf; NULL when the user asked directly.
    asked_by                text,
    agent                   text        NOT NULL,
    prompt                  text        NOT NULL,
    startup_id              uuid,
    -- What was known of the company, as the models were told it.
    profile                 text,
    context                 text,
    state                   text        NOT NULL CHECK (state IN ('RUNNING', 'SUCCEEDED', 'FAILED')),
    failure_code            text,
    trace_id                text,
    asked                   smallint    NOT NULL,
    required                smallint    NOT NULL,
    answered                smallint    NOT NULL DEFAULT 0,
    reviewed                smallint    NOT NULL DEFAULT 0,
    degraded                boolean     NOT NULL DEFAULT false,
    answer                  text,
    -- The model that wrote the answer as the chair; NULL when it is the top answer as it was given.
    chair                   text,
    disagreement            jsonb,
    kendalls_w              double precision,
    effective_votes         double precision,
    input_tokens            bigint      NOT NULL DEFAULT 0,
    output_tokens           bigint      NOT NULL DEFAULT 0,
    tokens_estimated        boolean     NOT NULL DEFAULT false,
    cost_micros             bigint      NOT NULL DEFAULT 0,
    chair_input_tokens      bigint      NOT NULL DEFAULT 0,
    chair_output_tokens     bigint      NOT NULL DEFAULT 0,
    chair_cost_micros       bigint      NOT NULL DEFAULT 0,
    answers_ms              integer     NOT NULL DEFAULT 0,
    critique_ms             integer     NOT NULL DEFAULT 0,
    synthesis_ms            integer     NOT NULL DEFAULT 0,
    total_ms                integer     NOT NULL DEFAULT 0,
    created_at              timestamptz NOT NULL,
    finished_at             timestamptz,
    PRIMARY KEY (workspace_id, id),
    CHECK ((state = 'RUNNING') = (finished_at IS NULL)),
    CHECK ((state = 'SUCCEEDED') = (answer IS NOT NULL)),
    CHECK ((state = 'FAILED') = (failure_code IS NOT NULL))
);
CREATE INDEX runs_agent ON runs (workspace_id, agent, id DESC);

-- What each member did.
CREATE TABLE run_members (
    workspace_id         uuid     NOT NULL,
    run_id               uuid     NOT NULL,
    seat                 smallint NOT NULL CHECK (seat > 0),
    model                text     NOT NULL,
    answered_by          text,
    state                text     NOT NULL CHECK (state IN ('ANSWERED', 'ANSWERED_BY_FALLBACK', 'MISSING')),
    reason               text,
    answer               text     NOT NULL,
    input_tokens         bigint   NOT NULL,
    output_tokens        bigint   NOT NULL,
    cost_micros          bigint   NOT NULL,
    answer_ms            integer  NOT NULL,
    review_state         text     NOT NULL CHECK (review_state IN ('REVIEWED', 'ABSTAINED', 'NOT_ASKED')),
    review_reason        text,
    review_input_tokens  bigint   NOT NULL,
    review_output_tokens bigint   NOT NULL,
    review_cost_micros   bigint   NOT NULL,
    review_ms            integer  NOT NULL,
    rank                 smallint,
    tied                 boolean  NOT NULL,
    score                double precision,
    score_low            double precision,
    score_high           double precision,
    PRIMARY KEY (workspace_id, run_id, seat),
    FOREIGN KEY (workspace_id, run_id) REFERENCES runs (workspace_id, id) ON DELETE CASCADE
);

-- What each reviewer thought of each answer, its own included.
CREATE TABLE run_reviews (
    workspace_id  uuid     NOT NULL,
    run_id        uuid     NOT NULL,
    reviewer_seat smallint NOT NULL,
    answer_seat   smallint NOT NULL,
    -- Where the reviewer read it, from 1 on, and under which label.
    position      smallint NOT NULL,
    label         text     NOT NULL,
    is_self       boolean  NOT NULL,
    scores        jsonb    NOT NULL,
    critique      text     NOT NULL,
    PRIMARY KEY (workspace_id, run_id, reviewer_seat, answer_seat),
    FOREIGN KEY (workspace_id, run_id, reviewer_seat) REFERENCES run_members (workspace_id, run_id, seat) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, run_id, answer_seat) REFERENCES run_members (workspace_id, run_id, seat) ON DELETE CASCADE
);
CREATE INDEX run_reviews_answer ON run_reviews (workspace_id, run_id, answer_seat);

-- Runs under way, for all workspaces: whoever carries one is alive as long as it extends the lease.
CREATE TABLE run_leases (
    run_id      uuid        PRIMARY KEY,
    tenant      uuid        NOT NULL,
    lease_until timestamptz NOT NULL
);
CREATE INDEX run_leases_until ON run_leases (lease_until);

ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE runs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON runs
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE run_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_members
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE run_reviews ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_reviews FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_reviews
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
