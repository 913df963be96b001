DROP INDEX messages_created;
DROP TRIGGER note_day ON messages;
DROP FUNCTION note_day();
DROP TABLE message_days;
