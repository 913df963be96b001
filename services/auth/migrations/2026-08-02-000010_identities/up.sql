-- Accounts elsewhere that open one of ours. They are known by issuer and subject; an address is what they were once found
-- by and opens nothing. One per issuer: an address that its provider gave to somebody else opens no second door.
CREATE TABLE identities (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    issuer       text NOT NULL,
    subject      text NOT NULL,
    email        text,
    linked_at    timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (user_id, issuer)
);

-- Somebody on their way to another provider. The browser holds the secret that `digest` is of; the state, the nonce and the
-- code verifier are derived from it and are nowhere.
CREATE TABLE sign_ins (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    return_to  text,
    cookies    boolean NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);
