-- Answers kept for requests with an Idempotency-Key. The scope says whose request it was and to which route;
-- the answer is opaque here. Expired rows are removed in the background.
CREATE TABLE idempotency_keys (
    scope        text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    status       smallint,
    headers      jsonb,
    body         bytea,
    -- Something that the request changed is committed: it must not be done again.
    changed      boolean     NOT NULL DEFAULT false,
    locked_until timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
