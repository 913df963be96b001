-- What somebody was asked to prove and has not proved yet: a log-in that waits for its second factor, or what a passkey
-- is to sign. Known by its digest, and gone when it was answered.
CREATE TABLE challenges (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    purpose    text NOT NULL CHECK (purpose IN ('LOGIN', 'SIGN_IN', 'REGISTRATION', 'STEP_UP')),
    user_id    uuid REFERENCES users ON DELETE CASCADE,
    methods    text[] NOT NULL,
    cookies    boolean NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK ((user_id IS NULL) = (purpose = 'SIGN_IN'))
);
CREATE INDEX challenges_user ON challenges (user_id);
CREATE INDEX challenges_expiry ON challenges (expires_at);
