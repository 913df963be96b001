DROP TABLE silences, breakers, endpoint_secrets, endpoints;
DROP FUNCTION note_breaker;
