-- In which workspaces a person left something, whether or not they still belong there: what erasure and export look
-- through. Written by the database itself, so that no insert is forgotten.
CREATE TABLE places (
    user_id uuid NOT NULL,
    tenant  uuid NOT NULL,
    PRIMARY KEY (user_id, tenant)
);

CREATE FUNCTION note_owner() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO places (user_id, tenant) VALUES (NEW.owner_id, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_owner AFTER INSERT ON conversations FOR EACH ROW EXECUTE FUNCTION note_owner();

CREATE FUNCTION note_author() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO places (user_id, tenant) VALUES (NEW.author_id, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_author AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.author_id IS NOT NULL) EXECUTE FUNCTION note_author();

CREATE FUNCTION note_creator() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO places (user_id, tenant) VALUES (NEW.created_by, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_creator AFTER INSERT ON personas FOR EACH ROW EXECUTE FUNCTION note_creator();
