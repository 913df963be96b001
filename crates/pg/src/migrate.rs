use std::collections::HashSet;

use diesel::migration::{Migration, MigrationSource};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::MigrationHarness;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use secrecy::{ExposeSecret, SecretString};

use crate::{Pg, PgError};

/// What every service has because of this crate: answers kept for idempotent requests, and functions for [partitions](crate::partitions).
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The migrations of one crate.
pub struct MigrationSet {
    /// Whose they are.
    pub name: &'static str,
    /// What they are, as `embed_migrations!` reads them.
    pub migrations: EmbeddedMigrations,
}

/// Why a schema is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Two sets have a migration with the same version: the second one would be taken for done.
    #[error("two migrations have the version {0}")]
    Twice(String),
    /// The database could not be reached with the owner's role.
    #[error("cannot connect to migrate: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// A statement failed; what came before it in the same migration was rolled back.
    #[error("a migration of {set} failed: {source}")]
    Failed {
        /// The set it belongs to.
        set: &'static str,
        /// What the database said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Tables with tenants' rows that row-level security does not hold.
    #[error(
        "tables with a workspace_id lack forced row-level security or a policy, or are partitions that are not closed: {}",
        .0.join(", ")
    )]
    Unguarded(Vec<String>),
    /// A query besides the migrations failed.
    #[error("migrating failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// The thread that migrated panicked.
    #[error("migrating panicked")]
    Panicked,
}

/// Waits for another migrator as long as a rollout may take; the DDL itself must not hold up traffic.
const LOCK: &str = "SET lock_timeout = '5min'; SET statement_timeout = 0;
SELECT pg_advisory_lock(hashtextextended('witan.migrate:' || current_schema(), 0));
SET lock_timeout = '10s'";

/// Tables whose rows belong to tenants and that the policies of invariant 2 do not cover. Partitions are reached through their table, which
/// has the policies, and by nobody but the owner otherwise.
const UNGUARDED: &str = "
SELECT c.relname::text AS name FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
  AND c.relkind IN ('r', 'p')
  AND NOT CASE WHEN c.relispartition
          THEN NOT EXISTS (SELECT FROM aclexplode(c.relacl) acl WHERE acl.grantee <> c.relowner)
          ELSE c.relrowsecurity AND c.relforcerowsecurity AND a.attnotnull
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) END
ORDER BY 1";

type Connection = AsyncConnectionWrapper<diesel_async::AsyncPgConnection>;

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Runs the migrations that are missing, as the role that owns the schema, and returns their names.
///
/// Two migrators wait for each other. Afterwards every table with a `workspace_id` must be under forced
/// row-level security.
///
/// # Errors
/// With the first migration that fails, or with the tables that are not guarded.
pub async fn migrate(url: &SecretString, sets: Vec<MigrationSet>) -> Result<Vec<String>, MigrateError> {
    let url = url.expose_secret().to_owned();
    // Diesel's migrations are synchronous; on a thread of their own they work on any kind of runtime.
    let work = tokio::task::spawn_blocking(move || run(&url, &sets));
    work.await.unwrap_or(Err(MigrateError::Panicked))
}

/// Diesel takes a source by value and cannot copy one.
struct Borrowed<'a>(&'a EmbeddedMigrations);

impl MigrationSource<diesel::pg::Pg> for Borrowed<'_> {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<diesel::pg::Pg>>>> {
        self.0.migrations()
    }
}

fn run(url: &str, sets: &[MigrationSet]) -> Result<Vec<String>, MigrateError> {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection;
    distinct(sets)?;
    let mut conn = Connection::establish(url)?;
    conn.batch_execute(LOCK)?;
    let mut done = Vec::new();
    for set in sets {
        let failed = |source| MigrateError::Failed { set: set.name, source };
        let versions = conn.run_pending_migrations(Borrowed(&set.migrations)).map_err(failed)?;
        done.extend(versions.iter().map(|version| format!("{}/{version}", set.name)));
    }
    let unguarded: Vec<Name> = diesel::RunQueryDsl::load(diesel::sql_query(UNGUARDED), &mut conn)?;
    if unguarded.is_empty() {
        Ok(done)
    } else {
        Err(MigrateError::Unguarded(unguarded.into_iter().map(|table| table.name).collect()))
    }
}

/// Diesel knows a migration by its version alone, wherever it comes from.
fn distinct(sets: &[MigrationSet]) -> Result<(), MigrateError> {
    let mut versions = HashSet::new();
    for set in sets {
        let failed = |source| MigrateError::Failed { set: set.name, source };
        for migration in Borrowed(&set.migrations).migrations().map_err(failed)? {
            let version = migration.name().version().to_string();
            if !versions.insert(version.clone()) {
                return Err(MigrateError::Twice(version));
            }
        }
    }
    Ok(())
}

/// The names of the migrations that this program needs and the database does not have.
///
/// # Errors
/// When the database cannot be asked.
pub async fn pending(pg: &Pg, sets: &[MigrationSet]) -> Result<Vec<String>, PgError> {
    let applied: Vec<Name> = pg
        .read("migrations_applied", async |conn| {
            let exists: Vec<Name> = diesel::sql_query(
                "SELECT c.relname::text AS name FROM pg_class c WHERE c.relname = '__diesel_schema_migrations'
                 AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
            )
            .load(conn)
            .await?;
            if exists.is_empty() {
                return Ok(Vec::new());
            }
            let query = diesel::sql_query("SELECT version::text AS name FROM __diesel_schema_migrations");
            Ok::<_, PgError>(query.load(conn).await?)
        })
        .await?;
    let applied: HashSet<String> = applied.into_iter().map(|version| version.name).collect();
    let mut missing = Vec::new();
    for set in sets {
        for migration in embedded(set)? {
            if !applied.contains(&migration.name().version().to_string()) {
                missing.push(format!("{}/{}", set.name, migration.name()));
            }
        }
    }
    Ok(missing)
}

fn embedded(set: &MigrationSet) -> Result<Vec<Box<dyn Migration<diesel::pg::Pg>>>, PgError> {
    let migrations = MigrationSource::<diesel::pg::Pg>::migrations(&set.migrations);
    let mut migrations = migrations.map_err(|error| {
        PgError::Query(diesel::result::Error::QueryBuilderError(error.to_string().into()))
    })?;
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    Ok(migrations)
}
