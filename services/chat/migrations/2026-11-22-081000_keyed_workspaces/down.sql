DROP TRIGGER note_keyed ON trait_secrets;
DROP TRIGGER note_keyed ON personas;
DROP FUNCTION note_keyed();
DROP TABLE keyed_workspaces;
