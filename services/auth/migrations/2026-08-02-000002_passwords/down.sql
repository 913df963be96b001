ALTER TABLE sessions DROP COLUMN authenticated_at;
DELETE FROM email_tokens WHERE purpose = 'RESET_PASSWORD';
ALTER TABLE email_tokens
    DROP CONSTRAINT email_tokens_registration_check,
    DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_check CHECK (purpose IN ('VERIFY_EMAIL'));
