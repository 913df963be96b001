-- A user's credential is set by verification, never by registration: until the address is proved, each
-- registration keeps its own password and each mailed link carries the one of the registration that asked
-- for it. Nobody can register a stranger's address and wait for the stranger to confirm it with their password.
CREATE TABLE users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL,
    email_key         text NOT NULL UNIQUE,
    name              text NOT NULL,
    password_hash     text,
    state             text NOT NULL CHECK (state IN ('PENDING_VERIFY', 'ACTIVE', 'DEACTIVATED', 'PENDING_DELETION')),
    default_workspace uuid,
    -- Whether `user.registered` was published, which happens a moment after the row is stored.
    announced         boolean NOT NULL DEFAULT false,
    verified_at       timestamptz,
    deactivated_at    timestamptz,
    deletion_due_at   timestamptz,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CHECK ((state = 'PENDING_VERIFY') = (verified_at IS NULL)),
    CHECK ((state = 'DEACTIVATED') = (deactivated_at IS NOT NULL)),
    CHECK ((state = 'PENDING_DELETION') = (deletion_due_at IS NOT NULL))
);

CREATE TABLE registrations (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name          text NOT NULL,
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL
);
CREATE INDEX registrations_user ON registrations (user_id, created_at DESC);

CREATE TABLE mails (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    registration_id uuid REFERENCES registrations ON DELETE SET NULL,
    kind            text NOT NULL,
    state           text NOT NULL CHECK (state IN ('QUEUED', 'SENT', 'FAILED', 'SUPPRESSED')),
    attempts        integer NOT NULL DEFAULT 0,
    last_error      text,
    created_at      timestamptz NOT NULL,
    settled_at      timestamptz
);
CREATE INDEX mails_user ON mails (user_id, created_at DESC);
CREATE INDEX mails_registration ON mails (registration_id);

-- Only the SHA-256 of a mailed token is kept. Redeeming deletes the row, so a token works once.
CREATE TABLE email_tokens (
    digest          bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    purpose         text NOT NULL CHECK (purpose IN ('VERIFY_EMAIL')),
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    registration_id uuid REFERENCES registrations ON DELETE CASCADE,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL
);
CREATE INDEX email_tokens_user ON email_tokens (user_id);
CREATE INDEX email_tokens_registration ON email_tokens (registration_id);
CREATE INDEX email_tokens_expiry ON email_tokens (expires_at);
