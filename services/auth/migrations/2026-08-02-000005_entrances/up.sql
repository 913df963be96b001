-- How the user of a session proved who they are, as `amr` names it (RFC 8176).
ALTER TABLE sessions ADD COLUMN methods text[] NOT NULL DEFAULT '{pwd}';
ALTER TABLE sessions ALTER COLUMN methods DROP DEFAULT;

ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_check CHECK
    (purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD', 'MAGIC_LINK', 'CHANGE_EMAIL', 'RESTORE_ACCOUNT'));

-- What a security notice is about, and where it goes if not to the account's address.
ALTER TABLE mails
    ADD COLUMN topic text,
    ADD COLUMN recipient text,
    ADD CONSTRAINT mails_topic_check CHECK ((kind = 'security_notice') = (topic IS NOT NULL));
