-- Events that are to be published, in the order of `position`. `workspace` is only handed on: these tables are
-- the system's and hold no tenant's rows.
CREATE TABLE outbox (
    position     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           uuid        NOT NULL,
    event_type   text        NOT NULL,
    subject      text        NOT NULL,
    sequence     bigint      NOT NULL,
    workspace    uuid,
    time         timestamptz NOT NULL,
    traceparent  text,
    tracestate   text,
    data         text        NOT NULL,
    published_at timestamptz
);

CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

-- The last sequence number of each subject; its row lock orders the commits about one subject.
CREATE TABLE outbox_subjects (
    subject  text   PRIMARY KEY,
    sequence bigint NOT NULL
);

-- Events that a consumer has seen, written in the transaction of their effect.
CREATE TABLE inbox (
    consumer text        NOT NULL,
    event_id uuid        NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

CREATE INDEX inbox_seen_at ON inbox (seen_at);
