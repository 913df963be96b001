-- Breakers that are not closed, of all workspaces: operators count them. Written by the database itself, so that no way of
-- changing an endpoint forgets it.
CREATE TABLE breakers (
    tenant      uuid        NOT NULL,
    endpoint_id uuid        NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (tenant, endpoint_id),
    FOREIGN KEY (tenant, endpoint_id) REFERENCES endpoints (workspace_id, id) ON DELETE CASCADE
);

CREATE FUNCTION note_breaker() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.breaker_until IS NULL THEN
        DELETE FROM breakers WHERE tenant = NEW.workspace_id AND endpoint_id = NEW.id;
    ELSE
        INSERT INTO breakers VALUES (NEW.workspace_id, NEW.id, NEW.breaker_until)
        ON CONFLICT (tenant, endpoint_id) DO UPDATE SET until = excluded.until;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_breaker AFTER UPDATE OF breaker_until ON endpoints FOR EACH ROW
    WHEN (NEW.breaker_until IS DISTINCT FROM OLD.breaker_until) EXECUTE FUNCTION note_breaker();
