-- ACCESS: RSA 2048, signs access tokens. REFRESH: 256-bit HMAC, seals refresh tokens.
-- `secret` is encrypted by the service; `verifies_until` is set when a key starts to retire.
CREATE TABLE signing_keys (
    id             uuid PRIMARY KEY,
    purpose        text NOT NULL CHECK (purpose IN ('ACCESS', 'REFRESH')),
    state          text NOT NULL CHECK (state IN ('NEXT', 'ACTIVE', 'RETIRING')),
    secret         bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    activated_at   timestamptz,
    verifies_until timestamptz,
    CHECK ((state = 'NEXT') = (activated_at IS NULL)),
    CHECK ((state = 'RETIRING') = (verifies_until IS NOT NULL))
);
-- At most one of each: whichever replica starts first makes the key, the others adopt it.
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (purpose) WHERE state = 'ACTIVE';
CREATE UNIQUE INDEX signing_keys_next ON signing_keys (purpose) WHERE state = 'NEXT';
