-- Both tables have a partition for each day of their events' ids (`witan_pg::partitions`).

-- Events that are to be published, in the order of `position`. `workspace` is only handed on: these tables are
-- the system's and hold no tenant's rows.
CREATE SEQUENCE outbox_position;
CREATE TABLE outbox (
    id           uuid        PRIMARY KEY,
    position     bigint      NOT NULL DEFAULT nextval('outbox_position'),
    event_type   text        NOT NULL,
    subject      text        NOT NULL,
    sequence     bigint      NOT NULL,
    workspace    uuid,
    time         timestamptz NOT NULL,
    traceparent  text,
    tracestate   text,
    data         text        NOT NULL,
    published_at timestamptz
) PARTITION BY RANGE (id);

CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
CREATE INDEX outbox_default_published ON outbox_default (published_at) WHERE published_at IS NOT NULL;

-- The last sequence number of each subject; its row lock orders the commits about one subject.
CREATE TABLE outbox_subjects (
    subject  text   PRIMARY KEY,
    sequence bigint NOT NULL
);

-- Events that a consumer has seen, written in the transaction of their effect. An id is in one partition only, whenever it comes, so
-- that it is unique for as long as its partition is there.
CREATE TABLE inbox (
    consumer text        NOT NULL,
    event_id uuid        NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
) PARTITION BY RANGE (event_id);

CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;
CREATE INDEX inbox_default_seen_at ON inbox_default (seen_at);

SELECT close_partition('outbox_default'), close_partition('inbox_default');
SELECT make_partitions(parent, (now() AT TIME ZONE 'UTC')::date) FROM unnest(ARRAY['outbox', 'inbox']) AS parent;
