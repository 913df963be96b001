ALTER TABLE personas DROP COLUMN traits_as_of;
DROP TABLE trait_secrets;
