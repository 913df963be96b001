DROP FUNCTION drop_partitions, make_partitions, first_id_of;
DROP TABLE inbox, outbox_subjects, outbox;
DROP SEQUENCE outbox_position;
