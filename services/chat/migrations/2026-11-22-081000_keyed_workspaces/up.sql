-- Workspaces that have, or had, secrets: looked through when those are to be sealed anew. Written by the database itself, so that none is
-- forgotten.
CREATE TABLE keyed_workspaces (
    tenant uuid PRIMARY KEY
);

CREATE FUNCTION note_keyed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO keyed_workspaces (tenant) VALUES (NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_keyed AFTER INSERT OR UPDATE OF url_sealed ON personas FOR EACH ROW
    WHEN (NEW.url_sealed IS NOT NULL) EXECUTE FUNCTION note_keyed();
CREATE TRIGGER note_keyed AFTER INSERT ON trait_secrets FOR EACH ROW EXECUTE FUNCTION note_keyed();
