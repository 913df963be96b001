DROP TRIGGER note_mentions ON messages;
DROP FUNCTION note_mentions();
DROP TABLE mentions;
