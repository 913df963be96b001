-- In which workspaces a person left something, whether or not they still belong there: what erasure and export look
-- through. Written by the database itself, so that no insert is forgotten.
CREATE TABLE places (
    user_id uuid NOT NULL,
    tenant  uuid NOT NULL,
    PRIMARY KEY (user_id, tenant)
);

CREATE FUNCTION note_member() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO places (user_id, tenant) VALUES (NEW.user_id, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_member AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION note_member();

CREATE FUNCTION note_creator() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO places (user_id, tenant) VALUES (NEW.created_by, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_creator AFTER INSERT ON workspaces FOR EACH ROW EXECUTE FUNCTION note_creator();
CREATE TRIGGER note_creator AFTER INSERT ON startups FOR EACH ROW EXECUTE FUNCTION note_creator();
