DROP TABLE reservations;
DROP TABLE counters;
DROP TABLE subscriptions;
