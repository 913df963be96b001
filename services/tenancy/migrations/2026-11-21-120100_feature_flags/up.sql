-- What is switched on for whom, in the whole installation: it belongs to no workspace.
CREATE TABLE feature_flags (
    key         text        PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_.-]{0,63}$'),
    description text        NOT NULL,
    enabled     boolean     NOT NULL,
    percentage  smallint    NOT NULL CHECK (percentage BETWEEN 0 AND 100),
    -- What the percentage counts.
    unit        text        NOT NULL CHECK (unit IN ('WORKSPACE', 'USER')),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);

-- Those for whom it is decided by name, whatever the percentage.
CREATE TABLE feature_flag_names (
    key     text    NOT NULL REFERENCES feature_flags (key) ON DELETE CASCADE,
    unit    text    NOT NULL CHECK (unit IN ('WORKSPACE', 'USER')),
    subject uuid    NOT NULL,
    has     boolean NOT NULL,
    PRIMARY KEY (key, unit, subject)
);
-- Who leaves is named no longer.
CREATE INDEX feature_flag_names_subject ON feature_flag_names (subject, unit);
