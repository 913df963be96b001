ALTER TABLE mails DROP CONSTRAINT mails_topic_check, DROP COLUMN topic, DROP COLUMN recipient;
DELETE FROM email_tokens WHERE purpose NOT IN ('VERIFY_EMAIL', 'RESET_PASSWORD');
ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_check CHECK (purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD'));
ALTER TABLE sessions DROP COLUMN methods;
