DROP INDEX deliveries_open, deliveries_type, attempts_failed, attempts_type, attempts_endpoint;
ALTER TABLE attempts DROP COLUMN endpoint_id, DROP COLUMN event_type;
