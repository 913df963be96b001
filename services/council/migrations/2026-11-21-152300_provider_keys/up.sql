-- Keys of a workspace's own with providers of models, encrypted. They go before the platform's.
CREATE TABLE provider_keys (
    workspace_id uuid        NOT NULL,
    provider     text        NOT NULL,
    sealed       bytea       NOT NULL,
    -- The end of the key, by which people tell theirs apart.
    hint         text        NOT NULL,
    changed_by   uuid        NOT NULL,
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, provider)
);

ALTER TABLE provider_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON provider_keys
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

CREATE TRIGGER note_author AFTER INSERT OR UPDATE ON provider_keys FOR EACH ROW
    WHEN (NEW.changed_by <> '00000000-0000-0000-0000-000000000000') EXECUTE FUNCTION note_author();
