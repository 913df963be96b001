DROP TABLE feature_flag_names, feature_flags;
