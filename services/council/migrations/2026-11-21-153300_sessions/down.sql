ALTER TABLE runs DROP COLUMN session_read, DROP COLUMN session_id;
DROP TABLE live_sessions;
DROP TABLE session_tools;
DROP TABLE session_messages;
DROP TABLE sessions;
