DROP INDEX runs_user;
