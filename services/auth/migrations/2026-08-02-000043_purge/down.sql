DROP INDEX users_pending;
DROP INDEX registrations_created;
DROP INDEX mails_created;
