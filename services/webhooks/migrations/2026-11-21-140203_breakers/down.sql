DROP TRIGGER note_breaker ON endpoints;
DROP FUNCTION note_breaker;
DROP TABLE breakers;
