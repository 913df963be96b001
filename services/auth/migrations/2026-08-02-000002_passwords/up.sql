-- A link that sets a new password belongs to the account and not to one of its registrations.
ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens
    ADD CONSTRAINT email_tokens_purpose_check CHECK (purpose IN ('VERIFY_EMAIL', 'RESET_PASSWORD')),
    ADD CONSTRAINT email_tokens_registration_check CHECK ((purpose = 'VERIFY_EMAIL') = (registration_id IS NOT NULL));

-- When its user last proved who they are; a refresh does not.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
UPDATE sessions SET authenticated_at = created_at;
ALTER TABLE sessions ALTER COLUMN authenticated_at SET NOT NULL;
