DROP TABLE periodic_jobs, jobs;
