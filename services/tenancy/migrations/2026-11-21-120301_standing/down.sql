DROP TRIGGER set_standing ON members;
DROP FUNCTION set_standing();
CREATE FUNCTION note_standing() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('standing:' || NEW.user_id, 0));
    UPDATE members m SET closed = true FROM people p
        WHERE m.workspace_id = NEW.workspace_id AND m.user_id = NEW.user_id AND p.user_id = NEW.user_id AND p.closed;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_standing AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION note_standing();
ALTER POLICY fellow ON people
    USING (EXISTS (SELECT FROM members m
                   WHERE m.workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid
                     AND m.user_id = people.user_id));
