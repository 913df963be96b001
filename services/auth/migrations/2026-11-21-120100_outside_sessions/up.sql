-- Sessions that stand for one at an issuer whose tokens are taken beside our own. `issuer_session` is what the issuer
-- calls it, and empty where it names none.
ALTER TABLE sessions
    ADD COLUMN issuer text,
    ADD COLUMN subject text,
    ADD COLUMN issuer_session text,
    ADD CONSTRAINT sessions_outside_check CHECK (num_nulls(issuer, subject, issuer_session) IN (0, 3));
CREATE INDEX sessions_outside ON sessions (issuer, subject, issuer_session) WHERE issuer IS NOT NULL;

-- Tokens of this identity that were issued until then open nothing any longer: its account ended all sessions, or it was
-- unlinked.
CREATE TABLE outside_cutoffs (
    issuer       text NOT NULL,
    subject      text NOT NULL,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    issued_until timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX outside_cutoffs_user ON outside_cutoffs (user_id);
CREATE INDEX outside_cutoffs_age ON outside_cutoffs (issued_until);
