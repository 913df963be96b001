-- Roles belong to the whole server: another database may be set up for the same service at this moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'witan_{service}_owner') THEN
        CREATE ROLE witan_{service}_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
        ALTER ROLE witan_{service}_owner SET search_path = {service};
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'witan_{service}') THEN
        CREATE ROLE witan_{service} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
        ALTER ROLE witan_{service} SET search_path = {service};
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO witan_{service}_owner, witan_{service}', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION witan_{service}_owner;
REVOKE ALL ON SCHEMA {service} FROM PUBLIC;
GRANT USAGE ON SCHEMA {service} TO witan_{service};
ALTER DEFAULT PRIVILEGES FOR ROLE witan_{service}_owner IN SCHEMA {service}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO witan_{service};
ALTER DEFAULT PRIVILEGES FOR ROLE witan_{service}_owner IN SCHEMA {service}
    GRANT USAGE, SELECT ON SEQUENCES TO witan_{service};
