DROP TABLE notes, counters;
