-- Models of the registry that turned out to be gone. A row says that it was told; it belongs to no workspace.
CREATE TABLE gone_models (
    model       text        PRIMARY KEY,
    replacement text,
    told_at     timestamptz NOT NULL
);
