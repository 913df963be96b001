-- What became of the data of people who left, in each service. It outlives the account, and says nothing about the person.
CREATE TABLE erasures (
    user_id      uuid        NOT NULL,
    service      text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('REQUESTED', 'DONE')),
    requested_at timestamptz NOT NULL,
    -- When it was asked for the last time; whoever does not answer is asked again.
    asked_at     timestamptz NOT NULL,
    done_at      timestamptz,
    rows         bigint,
    PRIMARY KEY (user_id, service),
    CHECK ((state = 'DONE') = (done_at IS NOT NULL)),
    CHECK ((state = 'DONE') = (rows IS NOT NULL))
);
CREATE INDEX erasures_open ON erasures (asked_at) WHERE state = 'REQUESTED';
