-- What is derived from has to stay the same for as long as what it made is kept: salts, cookies of devices.
CREATE TABLE secrets (
    name   text PRIMARY KEY,
    -- 32 bytes, encrypted with WITAN_ENCRYPTION_KEYS.
    sealed bytea NOT NULL
);
