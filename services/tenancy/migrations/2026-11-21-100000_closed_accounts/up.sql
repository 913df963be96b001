-- Whether the person's account is closed: then they are a member nowhere that counts.
ALTER TABLE people ADD COLUMN closed boolean NOT NULL DEFAULT false;
