-- Calls of plain models that are under way, of all workspaces, with what is told of one whose process does not live to see its
-- end: what it read. A row goes in the transaction that tells what the call used.
CREATE TABLE model_calls (
    call_id   text        PRIMARY KEY,
    tenant    uuid        NOT NULL,
    event     jsonb       NOT NULL,
    -- Its process has ended it before this, if it lives.
    lapses_at timestamptz NOT NULL
);
CREATE INDEX model_calls_lapsed ON model_calls (lapses_at);
