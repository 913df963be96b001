-- An authenticator app. The secret is encrypted; until a code of it was seen it counts for nothing. `last_step` is what
-- makes a code work once: only a later one is taken.
CREATE TABLE totp_factors (
    user_id      uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    secret       bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint,
    CHECK ((confirmed_at IS NULL) = (last_step IS NULL))
);

-- A code is gone when it was used.
CREATE TABLE recovery_codes (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Wrong codes since the last right one, of whatever kind.
CREATE TABLE factor_attempts (
    user_id      uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    failed       integer NOT NULL CHECK (failed > 0),
    closed_until timestamptz
);
