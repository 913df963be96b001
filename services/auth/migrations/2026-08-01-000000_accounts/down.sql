DROP TABLE email_tokens;
DROP TABLE mails;
DROP TABLE registrations;
DROP TABLE users;
