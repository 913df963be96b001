ALTER TABLE deliveries DROP COLUMN replay_id;
DROP TABLE replays;
