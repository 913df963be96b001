-- Messages, mentions and attempts have a partition for each day of their ids (`witan_pg::partitions`), and go by whole days.
--
-- Nothing refers to them by a foreign key, which would have every row looked at before a day goes, and nothing is found missing by it:
--   * A delivery is made in the transaction of its message and never again for the same one. It goes before its message does (`jobs::retention`),
--     or with it (an erasure, a purge); one whose message is gone is as good as gone.
--   * A delivery of an endpoint that is deleted while it is made goes when its time has come. A lock on the endpoint for each would have
--     all that goes to one endpoint wait in line.
--   * An attempt is written under the lock of its delivery's row. Who deletes deliveries deletes their attempts in the next statement, which
--     sees those of everybody who had such a lock.

-- One event as partners get it: the exact bytes that are signed, once for all endpoints.
CREATE TABLE messages (
    workspace_id uuid        NOT NULL,
    -- The event's id: `webhook-id`, the same for every endpoint and every attempt. An event that came late is in a day of before.
    id           uuid        NOT NULL,
    event_type   text        NOT NULL,
    subject      text        NOT NULL,
    body         bytea       NOT NULL,
    occurred_at  timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);
-- Whether a day holds anything that is young.
CREATE INDEX messages_created ON messages (created_at);

-- Whom a message names, so that it goes when they do. Written by the database itself, so that no insert is forgotten. A day goes with that of
-- the messages.
CREATE TABLE mentions (
    user_name  text        NOT NULL,
    tenant     uuid        NOT NULL,
    message_id uuid        NOT NULL,
    -- When the message came.
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_name, tenant, message_id)
) PARTITION BY RANGE (message_id);
CREATE INDEX mentions_message ON mentions (tenant, message_id);

CREATE FUNCTION note_mentions() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    -- Most name nobody.
    IF position('usr_'::bytea IN NEW.body) = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO mentions (user_name, tenant, message_id, created_at)
    SELECT DISTINCT name.parts[1], NEW.workspace_id, NEW.id, NEW.created_at
    FROM regexp_matches(convert_from(NEW.body, 'UTF8'), 'usr_[0-9a-z]{26}', 'g') AS name (parts);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_mentions AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note_mentions();

-- One message for one endpoint.
CREATE TABLE deliveries (
    workspace_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    endpoint_id     uuid        NOT NULL,
    message_id      uuid        NOT NULL,
    event_type      text        NOT NULL,
    -- HELD: its endpoint is paused; it becomes PENDING when the endpoint resumes.
    state           text        NOT NULL CHECK (state IN ('PENDING', 'HELD', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    -- Grows with every resend; a job of an older round finds that it is no longer wanted.
    round           integer     NOT NULL DEFAULT 1,
    round_attempts  integer     NOT NULL DEFAULT 0,
    -- Under the row's lock, the number of the last attempt: so no attempt is written twice.
    attempts        integer     NOT NULL DEFAULT 0,
    last_outcome    text,
    last_status     integer,
    next_attempt_at timestamptz,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    -- What it happened to, as a number, and its place there; of what has no such place, nothing.
    order_key       bigint,
    sequence        bigint,
    -- Its place in a window of its endpoint's rate.
    slot_at         timestamptz,
    -- On its way; of endpoints with a bound on those only. Who died on the way counts until then.
    sending_until   timestamptz,
    -- The replay that began its round, which counts what it has on its way.
    replay_id       uuid,
    -- Its place among what can be fetched.
    pull_position   bigint,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, message_id, endpoint_id),
    CHECK ((order_key IS NULL) = (sequence IS NULL))
);
CREATE INDEX deliveries_log ON deliveries (workspace_id, endpoint_id, id DESC);
CREATE INDEX deliveries_held ON deliveries (workspace_id, endpoint_id) WHERE state = 'HELD';
CREATE INDEX deliveries_sending ON deliveries (workspace_id, endpoint_id) WHERE sending_until IS NOT NULL;
CREATE INDEX deliveries_ordered ON deliveries (workspace_id, endpoint_id, order_key, sequence)
    WHERE order_key IS NOT NULL AND state IN ('PENDING', 'HELD');
CREATE INDEX deliveries_type ON deliveries (workspace_id, event_type, id DESC);
CREATE INDEX deliveries_open ON deliveries (workspace_id, state, id DESC) WHERE state <> 'SUCCEEDED';
CREATE INDEX deliveries_replayed ON deliveries (workspace_id, replay_id) WHERE replay_id IS NOT NULL AND state = 'PENDING';
CREATE INDEX deliveries_pull ON deliveries (workspace_id, endpoint_id, pull_position)
    WHERE pull_position IS NOT NULL AND state IN ('HELD', 'CANCELLED', 'FAILED');

-- How many deliveries partners have taken that nobody has been told of yet who counts them. Rows are only added, and taken away again.
CREATE TABLE unmetered (
    tenant     uuid    NOT NULL,
    deliveries integer NOT NULL CHECK (deliveries > 0)
);
CREATE INDEX unmetered_tenant ON unmetered (tenant);

-- Every time something was sent, or refused before it was. Attempts say where they went and with what, so that the log of the whole
-- workspace is read without their deliveries.
CREATE TABLE attempts (
    workspace_id    uuid        NOT NULL,
    id              uuid        NOT NULL,
    delivery_id     uuid        NOT NULL,
    number          integer     NOT NULL,
    started_at      timestamptz NOT NULL,
    duration_ms     integer     NOT NULL,
    outcome         text        NOT NULL,
    status          integer,
    response_body   text        NOT NULL DEFAULT '',
    truncated       boolean     NOT NULL DEFAULT false,
    next_attempt_at timestamptz,
    endpoint_id     uuid        NOT NULL,
    event_type      text        NOT NULL,
    PRIMARY KEY (workspace_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX attempts_delivery ON attempts (workspace_id, delivery_id, number);
CREATE INDEX attempts_endpoint ON attempts (workspace_id, endpoint_id, id DESC);
CREATE INDEX attempts_type ON attempts (workspace_id, event_type, id DESC);
-- Failures are few: every filter by what an attempt came to reads only these.
CREATE INDEX attempts_failed ON attempts (workspace_id, id DESC) WHERE outcome <> 'SUCCEEDED';

CREATE TABLE messages_default PARTITION OF messages DEFAULT;
CREATE TABLE mentions_default PARTITION OF mentions DEFAULT;
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;
SELECT close_partition(part || '_default'), make_partitions(part, (now() AT TIME ZONE 'UTC')::date)
FROM unnest(ARRAY['messages', 'mentions', 'attempts']) AS part;

-- The first `most` of the workspaces behind `after` that have messages of a day up to `until`, or of no partition's. As the owner, who alone
-- reads partitions by themselves: nobody sees the rows of two workspaces, and so nobody else could tell whose are old.
CREATE FUNCTION workspaces_with_messages(until date, after uuid, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    last uuid := after;
    -- One step through each index: the first workspace behind.
    step text := (SELECT string_agg(
            format('(SELECT workspace_id FROM %I WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1)', part), ' UNION ALL ')
        FROM (SELECT partitions_before('messages', until + 1) UNION ALL SELECT 'messages_default') AS parts (part));
BEGIN
    FOR found IN 1..most LOOP
        EXECUTE 'SELECT workspace_id FROM (' || step || ') AS firsts ORDER BY 1 LIMIT 1' INTO last USING last;
        EXIT WHEN last IS NULL;
        RETURN NEXT last;
    END LOOP;
END $$;

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messages
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deliveries
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attempts
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
