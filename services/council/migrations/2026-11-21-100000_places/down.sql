DROP TRIGGER note_asker ON runs;
DROP FUNCTION note_asker();
DROP TABLE places;
