-- Names and addresses are personal: they are seen by who shares a workspace with the person, and written as the person.
-- Without this a forgotten join would show everybody to everybody.
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
ALTER TABLE people FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON people
    USING (user_id = NULLIF(current_setting('witan.user_id', true), '')::uuid)
    WITH CHECK (user_id = NULLIF(current_setting('witan.user_id', true), '')::uuid);
CREATE POLICY fellow ON people FOR SELECT
    USING (EXISTS (SELECT FROM members m
                   WHERE m.workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid
                     AND m.user_id = people.user_id));
