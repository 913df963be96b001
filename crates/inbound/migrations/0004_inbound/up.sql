-- What others sent, kept once: a sender's own id stands for one body. What belongs to no workspace, such as a payment provider's
-- events, is kept under the nil id.
CREATE TABLE inbound_receipts (
    workspace_id uuid        NOT NULL,
    source       text        NOT NULL,
    event_id     text        NOT NULL,
    -- The bytes that were signed.
    body         bytea       NOT NULL,
    -- When the sender signed it, if the scheme says so.
    signed_at    timestamptz,
    received_at  timestamptz NOT NULL,
    state        text        NOT NULL CHECK (state IN ('PENDING', 'PROCESSED', 'FAILED')),
    finished_at  timestamptz,
    last_error   text,
    PRIMARY KEY (workspace_id, source, event_id),
    CHECK ((state = 'PENDING') = (finished_at IS NULL))
);

CREATE INDEX inbound_receipts_state ON inbound_receipts (workspace_id, source, state, received_at);

ALTER TABLE inbound_receipts ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbound_receipts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbound_receipts
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
