-- Both tables have a partition for each day of their events' ids, which are UUIDs of version 7 and begin with the time. Days that
-- nobody needs any more go whole, without a row being touched. What has no partition yet is in the default one.

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

-- The smallest id of a day.
CREATE FUNCTION first_id_of(day date) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (lpad(to_hex((extract(epoch FROM day::timestamp) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- Makes the partitions of `today` and of the two days after it, and takes what is theirs out of the default one; says how many. As the
-- owner of the tables, which the service's own role is not. Whoever writes meanwhile waits for milliseconds at most: a lock
-- that is not to be had at once fails, and is tried again later. The whole table is locked against writers, and not the default
-- partition alone: whoever had chosen that one already would find that it takes the row no longer.
CREATE FUNCTION make_partitions(today date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
    parent text; id text; ahead integer; part text; made integer := 0;
BEGIN
    FOR parent, id, ahead IN
        SELECT p, i, a FROM (VALUES ('outbox', 'id'), ('inbox', 'event_id')) AS t (p, i), generate_series(0, 2) AS a
    LOOP
        part := parent || '_' || to_char(today + ahead, 'YYYYMMDD');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', parent);
        -- Another one may have been first.
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
        EXECUTE format('WITH early AS (DELETE FROM %2$I WHERE %3$I >= %4$L AND %3$I < %5$L RETURNING *)
            INSERT INTO %1$I SELECT * FROM early',
            part, parent || '_default', id, first_id_of(today + ahead), first_id_of(today + ahead + 1));
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            parent, part, first_id_of(today + ahead), first_id_of(today + ahead + 1));
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions of a table (`outbox`, `inbox`) that are of before `day`; says how many. Events that are not published stay, and
-- their whole day with them: under the lock nobody is about to add one.
CREATE FUNCTION drop_partitions(parent text, day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
    part text; needed boolean := false; dropped integer := 0;
BEGIN
    IF parent NOT IN ('outbox', 'inbox') THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(parent) AND c.relname ~ '_[0-9]{8}$' AND right(c.relname, 8) < to_char(day, 'YYYYMMDD')
        ORDER BY 1
    LOOP
        IF parent = 'outbox' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE published_at IS NULL)', part) INTO needed;
            CONTINUE WHEN needed;
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent);
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE published_at IS NULL)', part) INTO needed;
            CONTINUE WHEN needed;
        END IF;
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part);
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

SELECT make_partitions((now() AT TIME ZONE 'UTC')::date);
