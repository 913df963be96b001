-- Whom a message names, so that it goes when they do. Written by the database itself, so that no insert is forgotten.
CREATE TABLE mentions (
    user_name  text NOT NULL,
    tenant     uuid NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (user_name, tenant, message_id),
    FOREIGN KEY (tenant, message_id) REFERENCES messages (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX mentions_message ON mentions (tenant, message_id);

CREATE FUNCTION note_mentions() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO mentions (user_name, tenant, message_id)
    SELECT DISTINCT name.parts[1], NEW.workspace_id, NEW.id
    FROM regexp_matches(convert_from(NEW.body, 'UTF8'), 'usr_[0-9a-z]{26}', 'g') AS name (parts);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_mentions AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note_mentions();
