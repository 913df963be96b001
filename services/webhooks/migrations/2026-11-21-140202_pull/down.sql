DELETE FROM endpoints WHERE url_sealed IS NULL;
ALTER TABLE deliveries DROP COLUMN pull_position;
ALTER TABLE endpoints
    DROP COLUMN pull_position,
    DROP CONSTRAINT endpoints_state_check,
    ADD CONSTRAINT endpoints_state_check CHECK (state IN ('ENABLED', 'UNVERIFIED', 'PAUSED', 'DISABLED')),
    ALTER COLUMN url_sealed SET NOT NULL;
