-- The plan of a workspace; one without a row has the default plan.
CREATE TABLE subscriptions (
    workspace_id uuid        PRIMARY KEY,
    plan         text        NOT NULL,
    updated_at   timestamptz NOT NULL
);

-- What was used in a period, and what is reserved for work under way.
CREATE TABLE counters (
    workspace_id uuid        NOT NULL,
    metric       text        NOT NULL,
    -- The first day of the calendar month, UTC.
    period       date        NOT NULL,
    used         bigint      NOT NULL DEFAULT 0 CHECK (used >= 0),
    reserved     bigint      NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    -- When the plan's limit was first reached in this period: told once.
    exceeded_at  timestamptz,
    PRIMARY KEY (workspace_id, metric, period)
);

-- Parts of a plan that work under way has taken. The event that counts the work settles one; it lapses if none comes.
CREATE TABLE reservations (
    workspace_id uuid        NOT NULL,
    reference    text        NOT NULL,
    metric       text        NOT NULL,
    period       date        NOT NULL,
    amount       bigint      NOT NULL CHECK (amount > 0),
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, reference, metric)
);
CREATE INDEX reservations_lapse ON reservations (workspace_id, metric, period, expires_at);

ALTER TABLE subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subscriptions
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE counters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON counters
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);

ALTER TABLE reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE reservations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reservations
    USING (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid)
    WITH CHECK (workspace_id = NULLIF(current_setting('witan.workspace_id', true), '')::uuid);
