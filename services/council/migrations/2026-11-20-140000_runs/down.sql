DROP TABLE run_leases;
DROP TABLE run_reviews;
DROP TABLE run_members;
DROP TABLE runs;
