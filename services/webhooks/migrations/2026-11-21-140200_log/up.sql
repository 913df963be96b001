-- The log of the whole workspace: attempts say where they went and with what, so that they are found without their deliveries.
ALTER TABLE attempts ADD COLUMN endpoint_id uuid, ADD COLUMN event_type text;
-- The owner is fenced, too: this is for all workspaces.
ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE deliveries NO FORCE ROW LEVEL SECURITY;
UPDATE attempts a SET endpoint_id = d.endpoint_id, event_type = d.event_type
FROM deliveries d WHERE d.workspace_id = a.workspace_id AND d.id = a.delivery_id;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts ALTER COLUMN endpoint_id SET NOT NULL, ALTER COLUMN event_type SET NOT NULL;

CREATE INDEX attempts_endpoint ON attempts (workspace_id, endpoint_id, id DESC);
CREATE INDEX attempts_type ON attempts (workspace_id, event_type, id DESC);
-- Failures are few: every filter by what an attempt came to reads only these.
CREATE INDEX attempts_failed ON attempts (workspace_id, id DESC) WHERE outcome <> 'SUCCEEDED';
CREATE INDEX deliveries_type ON deliveries (workspace_id, event_type, id DESC);
CREATE INDEX deliveries_open ON deliveries (workspace_id, state, id DESC) WHERE state <> 'SUCCEEDED';
