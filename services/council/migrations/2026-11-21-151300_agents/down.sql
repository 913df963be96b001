ALTER TABLE runs DROP COLUMN agent_version;
DROP TABLE agent_versions;
DROP TABLE agents;
DROP FUNCTION note_author();
