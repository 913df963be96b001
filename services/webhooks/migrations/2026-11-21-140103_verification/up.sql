-- Endpoints whose receiver must agree before it gets anything (CloudEvents HTTP 1.1 Web Hooks, abuse protection).
ALTER TABLE endpoints
    ADD COLUMN verification text NOT NULL DEFAULT 'NONE' CHECK (verification IN ('NONE', 'REQUIRED')),
    -- When the receiver at the present URL agreed, and to how many requests in a minute at most.
    ADD COLUMN verified_at  timestamptz,
    ADD COLUMN allowed_rate integer CHECK (allowed_rate > 0),
    ADD CHECK (allowed_rate IS NULL OR verified_at IS NOT NULL),
    DROP CONSTRAINT endpoints_state_check,
    ADD CONSTRAINT endpoints_state_check CHECK (state IN ('ENABLED', 'UNVERIFIED', 'PAUSED', 'DISABLED')),
    ADD CHECK (state <> 'UNVERIFIED' OR verification = 'REQUIRED'),
    ADD CHECK (state <> 'ENABLED' OR verification = 'NONE' OR verified_at IS NOT NULL);
