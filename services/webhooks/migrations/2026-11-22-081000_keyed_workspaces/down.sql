DROP TRIGGER note_keyed ON endpoints;
DROP FUNCTION note_keyed();
DROP TABLE keyed_workspaces;
