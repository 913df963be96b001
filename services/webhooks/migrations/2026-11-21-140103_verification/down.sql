-- UNVERIFIED goes with its column's checks; those endpoints are paused.
ALTER TABLE endpoints NO FORCE ROW LEVEL SECURITY;
UPDATE endpoints SET state = 'PAUSED' WHERE state = 'UNVERIFIED';
ALTER TABLE endpoints FORCE ROW LEVEL SECURITY;
ALTER TABLE endpoints DROP COLUMN verification, DROP COLUMN verified_at, DROP COLUMN allowed_rate;
ALTER TABLE endpoints
    DROP CONSTRAINT endpoints_state_check,
    ADD CONSTRAINT endpoints_state_check CHECK (state IN ('ENABLED', 'PAUSED', 'DISABLED'));
