DROP INDEX users_deletion_due;
ALTER TABLE users DROP COLUMN suspended, DROP COLUMN provisioned;
