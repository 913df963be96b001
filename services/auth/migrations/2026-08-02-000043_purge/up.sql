-- By what the hourly pass finds what is to go.
CREATE INDEX users_pending ON users (created_at) WHERE state = 'PENDING_VERIFY';
CREATE INDEX registrations_created ON registrations (created_at);
CREATE INDEX mails_created ON mails (created_at);
