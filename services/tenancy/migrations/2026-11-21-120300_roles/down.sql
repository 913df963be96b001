DROP POLICY asked ON people;
DROP INDEX people_email;
ALTER TABLE people DROP COLUMN email_key;
DROP TRIGGER note_standing ON members;
DROP FUNCTION note_standing();
DROP POLICY own ON roles;
ALTER TABLE members
    DROP CONSTRAINT members_own_role,
    DROP CONSTRAINT members_role_id,
    DROP CONSTRAINT members_role,
    DROP COLUMN acts,
    DROP COLUMN leaving_until,
    DROP COLUMN closed,
    DROP COLUMN role_id,
    ADD CONSTRAINT members_role_check CHECK (role IN ('ADMIN', 'MEMBER'));
DROP INDEX members_by_role, members_by_arrival;
DROP TABLE roles;
