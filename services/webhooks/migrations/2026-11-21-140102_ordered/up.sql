-- Endpoints that get what happened to one thing in the order in which it happened.
ALTER TABLE endpoints ADD COLUMN ordered boolean NOT NULL DEFAULT false;
-- What it happened to, as a number, and its place there; of what has no such place, nothing.
ALTER TABLE deliveries
    ADD COLUMN order_key bigint,
    ADD COLUMN sequence  bigint,
    ADD CHECK ((order_key IS NULL) = (sequence IS NULL));
CREATE INDEX deliveries_ordered ON deliveries (workspace_id, endpoint_id, order_key, sequence)
    WHERE order_key IS NOT NULL AND state IN ('PENDING', 'HELD');
