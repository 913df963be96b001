-- Workspaces that have, or had, keys of their own: looked through when keys are to be sealed anew. Written by the
-- database itself, so that no key is forgotten.
CREATE TABLE keyed_workspaces (
    tenant uuid PRIMARY KEY
);
INSERT INTO keyed_workspaces SELECT DISTINCT workspace_id FROM provider_keys;

CREATE FUNCTION note_keyed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO keyed_workspaces (tenant) VALUES (NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_keyed AFTER INSERT ON provider_keys FOR EACH ROW EXECUTE FUNCTION note_keyed();
