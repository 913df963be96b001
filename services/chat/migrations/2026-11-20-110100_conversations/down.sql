DROP TABLE live_streams;
DROP TABLE stream_events;
DROP TABLE messages;
DROP TABLE conversations;
