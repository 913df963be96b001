DROP TABLE inbox, outbox_subjects, outbox;
DROP SEQUENCE outbox_position;
