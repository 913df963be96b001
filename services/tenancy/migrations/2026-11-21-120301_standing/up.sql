DROP TRIGGER note_standing ON members;
DROP FUNCTION note_standing();

-- Whose account is closed is a member that does not act from the first moment. The person's row is held meanwhile: of a
-- closing and a joining at the same time, the second one knows of the first. Nobody but the person sees that row for
-- certain, so the database looks as them, for this one statement.
CREATE FUNCTION set_standing() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    acting text := coalesce(current_setting('witan.user_id', true), '');
    gone boolean;
BEGIN
    PERFORM set_config('witan.user_id', NEW.user_id::text, true);
    SELECT closed INTO gone FROM people WHERE user_id = NEW.user_id FOR SHARE;
    PERFORM set_config('witan.user_id', acting, true);
    NEW.closed := coalesce(gone, false);
    RETURN NEW;
END
$$;
CREATE TRIGGER set_standing BEFORE INSERT ON members FOR EACH ROW EXECUTE FUNCTION set_standing();

-- OFFSET 0 has each person looked up by their key. Without it the planner may first gather all members of the
-- workspace, to show one page of them.
ALTER POLICY fellow ON people
    USING (EXISTS (SELECT FROM members m
                   WHERE m.workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid
                     AND m.user_id = people.user_id OFFSET 0));
