-- How deliveries are signed, chosen once; and what a receiver verifies them with, where that is not a secret.
ALTER TABLE endpoints
    ADD COLUMN signature  text NOT NULL DEFAULT 'hmac-sha256' CHECK (signature IN ('hmac-sha256', 'ed25519')),
    ADD COLUMN public_key text,
    ADD CHECK ((signature = 'ed25519') = (public_key IS NOT NULL));
