ALTER TABLE deliveries DROP COLUMN order_key, DROP COLUMN sequence;
ALTER TABLE endpoints DROP COLUMN ordered;
