DROP TRIGGER note_member ON members;
DROP FUNCTION note_member();
DROP TRIGGER note_creator ON workspaces;
DROP TRIGGER note_creator ON startups;
DROP FUNCTION note_creator();
DROP TABLE places;
