DROP TABLE outside_cutoffs;
ALTER TABLE sessions DROP COLUMN issuer, DROP COLUMN subject, DROP COLUMN issuer_session;
