-- One row per log-in. A refresh token is {session, counter} under a MAC, so no token is stored in any form:
-- `counter` is the number of the newest one, `spent` holds when the ones before it were used, newest first.
CREATE TABLE sessions (
    id                uuid PRIMARY KEY,
    user_id           uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    counter           bigint NOT NULL DEFAULT 0 CHECK (counter >= 0),
    spent             timestamptz[] NOT NULL DEFAULT '{}',
    user_agent        text NOT NULL,
    ip                text NOT NULL,
    created_at        timestamptz NOT NULL,
    last_used_at      timestamptz NOT NULL,
    idle_expires_at   timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    access_expires_at timestamptz NOT NULL,
    revoked_at        timestamptz,
    revoked_reason    text,
    CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
CREATE INDEX sessions_user ON sessions (user_id, id);
CREATE INDEX sessions_revoked ON sessions (access_expires_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);
