-- Tables with a partition for each day (UTC) of their rows' ids, which are UUIDs of version 7 and begin with the time. Days that nobody
-- needs any more go whole, without a row being touched. What has no partition yet is in the default one, `<table>_default`.
--
-- What changes tables here runs as their owner, which the service's own role is not, and gives a lock up that is not to be had within
-- 100 ms: whoever reads or writes meanwhile waits for no longer than that.

-- The smallest id of a day.
CREATE FUNCTION first_id_of(day date) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (lpad(to_hex((extract(epoch FROM day::timestamp) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- The column that says in which partition a row is; none when the table has no partitions.
CREATE FUNCTION partitioned_by(parent text) RETURNS text LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT a.attname FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
    WHERE p.partrelid = to_regclass(quote_ident(parent))
$$;

-- The partitions of the days before `day`, the oldest first.
CREATE FUNCTION partitions_before(parent text, day date) RETURNS SETOF text LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(quote_ident(parent)) AND c.relname ~ '_[0-9]{8}$' AND right(c.relname, 8) < to_char(day, 'YYYYMMDD')
    ORDER BY 1
$$;

-- Nobody but its owner reaches a partition by itself: policies are those of the whole table.
CREATE FUNCTION close_partition(part text) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    other oid;
BEGIN
    FOR other IN
        SELECT DISTINCT acl.grantee FROM pg_class c, aclexplode(c.relacl) AS acl
        WHERE c.oid = to_regclass(quote_ident(part)) AND acl.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %I FROM %s', part, CASE other WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(other)) END);
    END LOOP;
END $$;

-- Makes the partitions of `today` and of the two days after it, and takes what is theirs out of the default one; says how many. The whole
-- table is locked against writers, and not the default partition alone: whoever had chosen that one already would find that it takes
-- the row no longer.
CREATE FUNCTION make_partitions(parent text, today date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
    id text := partitioned_by(parent); day date; part text; made integer := 0;
BEGIN
    IF id IS NULL THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    FOR ahead IN 0..2 LOOP
        day := today + ahead;
        part := parent || '_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass(quote_ident(part)) IS NOT NULL;
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', parent);
        -- Another one may have been first.
        CONTINUE WHEN to_regclass(quote_ident(part)) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
        PERFORM close_partition(part);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
        EXECUTE format('WITH early AS (DELETE FROM %2$I WHERE %3$I >= %4$L AND %3$I < %5$L RETURNING *)
            INSERT INTO %1$I SELECT * FROM early', part, parent || '_default', id, first_id_of(day), first_id_of(day + 1));
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            parent, part, first_id_of(day), first_id_of(day + 1));
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Drops the partitions of before `day`, and with each those of the same day of the tables `along`; says how many days that were. A day
-- with a row that is needed stays whole: one whose column `needed` is null or, when `since` is given, not before it. Under the lock nobody
-- is about to add one.
CREATE FUNCTION drop_partitions(parent text, day date, needed text, since timestamptz, along text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $$
DECLARE
    part text; same text; found boolean; dropped integer := 0;
    condition text := CASE WHEN needed IS NULL THEN 'false' WHEN since IS NULL THEN format('%I IS NULL', needed) ELSE format('%I >= %L', needed, since) END;
BEGIN
    IF partitioned_by(parent) IS NULL THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    FOR part IN SELECT partitions_before(parent, day) LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %s)', part, condition) INTO found;
        CONTINUE WHEN found;
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent);
        -- Another one may have been first.
        CONTINUE WHEN to_regclass(quote_ident(part)) IS NULL;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %s)', part, condition) INTO found;
        CONTINUE WHEN found;
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part);
        EXECUTE format('DROP TABLE %I', part);
        FOREACH same IN ARRAY along LOOP
            CONTINUE WHEN to_regclass(quote_ident(same || right(part, 9))) IS NULL;
            EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', same, same || right(part, 9));
            EXECUTE format('DROP TABLE %I', same || right(part, 9));
        END LOOP;
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

-- What came too early for its partition, or is of a day that has none any more, goes row by row: up to `most` of those dated before `before`.
CREATE FUNCTION clear_default_partition(parent text, dated text, before timestamptz, most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    cleared integer;
BEGIN
    IF partitioned_by(parent) IS NULL THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY (SELECT ctid FROM %1$I WHERE %2$I < $1 LIMIT $2))',
        parent || '_default', dated) USING before, most;
    GET DIAGNOSTICS cleared = ROW_COUNT;
    RETURN cleared;
END $$;
