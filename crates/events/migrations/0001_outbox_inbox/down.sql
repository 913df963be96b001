DROP TABLE inbox, outbox_subjects, outbox;
