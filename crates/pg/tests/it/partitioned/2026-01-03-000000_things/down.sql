DROP TABLE labels, things;
