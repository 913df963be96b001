DROP INDEX mails_recipient;
DROP TABLE email_changes;
