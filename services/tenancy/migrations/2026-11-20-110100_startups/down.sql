DROP TABLE startups;
