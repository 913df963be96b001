DROP TRIGGER note_owner ON conversations;
DROP FUNCTION note_owner();
DROP TRIGGER note_author ON messages;
DROP FUNCTION note_author();
DROP TRIGGER note_creator ON personas;
DROP FUNCTION note_creator();
DROP TABLE places;
