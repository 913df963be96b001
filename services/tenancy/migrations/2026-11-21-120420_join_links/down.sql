DROP TABLE join_links;
