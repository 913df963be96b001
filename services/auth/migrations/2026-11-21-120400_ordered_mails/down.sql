DROP INDEX mails_mailbox;
DELETE FROM mails WHERE user_id IS NULL;
ALTER TABLE mails
    DROP CONSTRAINT mails_ordered_check,
    DROP CONSTRAINT mails_recipient_check,
    DROP CONSTRAINT mails_sealed_check,
    DROP COLUMN dedupe_key,
    DROP COLUMN sealed,
    ALTER COLUMN user_id SET NOT NULL;
