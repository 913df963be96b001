-- Mails that other services order go to addresses, which may have no account. What is to be said in them, with the secret
-- of their link, is sealed and kept until they are settled.
ALTER TABLE mails
    ALTER COLUMN user_id DROP NOT NULL,
    ADD COLUMN dedupe_key text UNIQUE,
    ADD COLUMN sealed bytea,
    ADD CONSTRAINT mails_ordered_check CHECK ((user_id IS NULL) = (dedupe_key IS NOT NULL)),
    ADD CONSTRAINT mails_recipient_check CHECK (user_id IS NOT NULL OR recipient IS NOT NULL),
    ADD CONSTRAINT mails_sealed_check CHECK (sealed IS NULL OR state = 'QUEUED');

CREATE INDEX mails_mailbox ON mails (lower(recipient), created_at) WHERE recipient IS NOT NULL;
