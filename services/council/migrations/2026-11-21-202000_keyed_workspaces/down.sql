DROP TRIGGER note_keyed ON provider_keys;
DROP FUNCTION note_keyed();
DROP TABLE keyed_workspaces;
