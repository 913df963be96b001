DROP TABLE domain_owners;
DROP TABLE domains;
