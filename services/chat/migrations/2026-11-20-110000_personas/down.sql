DROP TABLE personas;
DROP TABLE catalogue_personas;
