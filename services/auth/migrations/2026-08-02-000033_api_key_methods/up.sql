-- How whoever made the key was proved, as `amr` names it: a workspace that asks for second factors asks it of keys, too.
ALTER TABLE api_keys ADD COLUMN methods text[] NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ALTER COLUMN methods DROP DEFAULT;
