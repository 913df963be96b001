DROP FUNCTION workspaces_with_messages;
DROP TABLE attempts, deliveries, mentions, messages;
DROP FUNCTION note_mentions;
