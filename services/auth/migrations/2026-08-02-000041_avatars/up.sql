-- One picture a person, in several sizes. Whoever knows `version`, 128 random bits, may see it.
CREATE TABLE avatars (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    size       integer NOT NULL CHECK (size > 0),
    version    text NOT NULL,
    media_type text NOT NULL,
    bytes      bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, size)
);
