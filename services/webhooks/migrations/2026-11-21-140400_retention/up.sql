-- Which workspaces have messages of which day (UTC), so that what is old is found without looking through everybody's. Written by the
-- database itself, so that no insert is forgotten.
CREATE TABLE message_days (
    day    date NOT NULL,
    tenant uuid NOT NULL,
    PRIMARY KEY (day, tenant)
);

CREATE FUNCTION note_day() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO message_days (day, tenant)
    VALUES ((NEW.created_at AT TIME ZONE 'UTC')::date, NEW.workspace_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_day AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note_day();
CREATE INDEX messages_created ON messages (workspace_id, created_at);
