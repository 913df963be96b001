DROP TABLE gone_models;
