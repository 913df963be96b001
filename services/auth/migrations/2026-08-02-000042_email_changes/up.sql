-- The address that a user wants to have, until it is proved. A newer wish takes the place of the older one, whose mail,
-- if it was not sent yet, is then not sent, and whose link no longer works.
CREATE TABLE email_changes (
    user_id    uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    mail_id    uuid NOT NULL,
    email      text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX mails_recipient ON mails (recipient, created_at) WHERE recipient IS NOT NULL;
