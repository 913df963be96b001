-- Closed by an administrator: its owner cannot open it again.
ALTER TABLE users
    ADD COLUMN suspended boolean NOT NULL DEFAULT false,
    -- Made by an administrator: the mailed link that sets its password proves its address.
    ADD COLUMN provisioned boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT users_suspended_check CHECK (NOT suspended OR state IN ('DEACTIVATED', 'PENDING_DELETION'));
CREATE INDEX users_deletion_due ON users (deletion_due_at) WHERE state = 'PENDING_DELETION';
