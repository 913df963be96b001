-- What people say of themselves. `preferences` is kept as it was written: it is read as a whole and never searched.
ALTER TABLE users
    ADD COLUMN locale text,
    ADD COLUMN time_zone text,
    ADD COLUMN preferences json NOT NULL DEFAULT '{}' CHECK (json_typeof(preferences) = 'object'),
    ADD COLUMN logins bigint NOT NULL DEFAULT 0,
    ADD COLUMN last_login_at timestamptz;
