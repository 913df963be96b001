ALTER TABLE users
    DROP COLUMN locale,
    DROP COLUMN time_zone,
    DROP COLUMN preferences,
    DROP COLUMN logins,
    DROP COLUMN last_login_at;
