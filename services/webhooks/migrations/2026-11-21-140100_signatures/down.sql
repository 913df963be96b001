ALTER TABLE endpoints DROP COLUMN signature, DROP COLUMN public_key;
