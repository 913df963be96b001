GRANT SELECT ON things_default TO PUBLIC;
