DROP TABLE factor_attempts;
DROP TABLE recovery_codes;
DROP TABLE totp_factors;
