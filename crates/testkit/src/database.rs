//! A database for each test: a copy of a template that is migrated once.
//!
//! The template's name carries a hash of every migration it holds, so that editing one makes another template.
//! Whoever needs a template that is not there makes it under an advisory lock; everybody else waits for it.

use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, NoTls};
use url::Url;
use witan_clock::Clock;
use witan_pg::{MigrationSet, RolePasswords};

use crate::cleanup;

/// One lock for all templates: the roles that they all need belong to the whole server.
const LOCK: i64 = 0x7769_7461_6e74_6b74;
const PASSWORD: &str = "test";

/// A service's schema, to be made in a test's database.
pub struct Schema {
    /// The service.
    pub service: &'static str,
    /// Everything that its `migrate` command runs.
    pub migrations: fn() -> Vec<MigrationSet>,
}

/// A database that only one test uses. Dropping it removes it.
#[derive(Debug)]
pub struct Database {
    server: Url,
    name: String,
}

impl Database {
    /// A new database with these services' schemas, empty.
    ///
    /// # Errors
    /// When the server refuses, or a migration fails.
    pub async fn create(server: &Url, schemas: &[Schema]) -> Result<Self> {
        let admin = connect(server.as_str()).await?;
        let template = ensure_template(server, &admin, schemas).await?;
        let name = format!("wt_{}", Clock::system().uuid_v7().simple());
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(Self { server: server.clone(), name })
    }

    /// Its name on the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the server has a database of this name.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn exists(server: &Url, name: &str) -> Result<bool> {
        exists(&connect(server.as_str()).await?, name).await
    }

    /// As the service logs in: bound by row-level security.
    #[must_use]
    pub fn app_url(&self, service: &str) -> String {
        self.url(&format!("witan_{service}"), PASSWORD)
    }

    /// As the service's migrations log in.
    #[must_use]
    pub fn owner_url(&self, service: &str) -> String {
        self.url(&format!("witan_{service}_owner"), PASSWORD)
    }

    /// A connection as the service itself, bound to no workspace.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn app(&self, service: &str) -> Result<Client> {
        connect(&self.app_url(service)).await
    }

    /// As one who sees everything: to look at what the service may not show.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url.into()
    }

    /// A connection that sees everything.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn superuser(&self) -> Result<Client> {
        connect(&self.superuser_url()).await
    }

    fn url(&self, user: &str, password: &str) -> String {
        role_url(&self.server, &self.name, user, password)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        cleanup::blocking(async move {
            let admin = connect(server.as_str()).await?;
            Ok(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?)
        });
    }
}

async fn ensure_template(server: &Url, admin: &Client, schemas: &[Schema]) -> Result<String> {
    let template = format!("wt_template_{}", fingerprint(schemas)?);
    if exists(admin, &template).await? {
        return Ok(template);
    }
    admin.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    let made = match exists(admin, &template).await {
        Ok(false) => make_template(server, admin, &template, schemas).await,
        other => other.map(drop),
    };
    admin.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    made.map(|()| template)
}

async fn exists(admin: &Client, name: &str) -> Result<bool> {
    Ok(admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?.is_some())
}

/// Built under another name and renamed, so that one that was interrupted is never copied.
async fn make_template(server: &Url, admin: &Client, name: &str, schemas: &[Schema]) -> Result<()> {
    let unfinished = format!("{name}_unfinished");
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await?;
    admin.batch_execute(&format!("CREATE DATABASE {unfinished}")).await?;
    let mut url = server.clone();
    url.set_path(&unfinished);
    let database = connect(url.as_str()).await?;
    for schema in schemas {
        database
            .batch_execute(&bootstrap(schema))
            .await
            .with_context(|| format!("bootstrap of {}", schema.service))?;
        let owner = format!("witan_{}_owner", schema.service);
        let owner_url = role_url(server, &unfinished, &owner, PASSWORD);
        witan_pg::migrate(&owner_url.into(), (schema.migrations)())
            .await
            .with_context(|| format!("migrations of {}", schema.service))?;
    }
    drop(database);
    // A connection that was just closed may linger for a moment; a template may have none.
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    admin.execute(others, &[&unfinished]).await?;
    crate::eventually("the template has no connections", async || {
        admin.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await.is_ok()
    })
    .await;
    Ok(())
}

fn bootstrap(schema: &Schema) -> String {
    let password = Some(PASSWORD.to_owned());
    witan_pg::bootstrap_sql(schema.service, &RolePasswords { owner: password.clone(), app: password })
}

/// A hash of every migration's text: the files are there wherever tests run.
fn fingerprint(schemas: &[Schema]) -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut hash = Sha256::new();
    for library in ["pg", "events", "jobs", "inbound"] {
        digest_folder(&root.join("crates").join(library).join("migrations"), &mut hash)?;
    }
    for schema in schemas {
        hash.update(schema.service);
        hash.update(bootstrap(schema));
        digest_folder(&root.join("services").join(schema.service).join("migrations"), &mut hash)?;
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn digest_folder(folder: &Path, hash: &mut Sha256) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.path().is_dir() {
            digest_folder(&entry.path(), hash)?;
        } else {
            hash.update(entry.file_name().as_encoded_bytes());
            hash.update(std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn role_url(server: &Url, database: &str, user: &str, password: &str) -> String {
    let host = server.host_str().unwrap_or("127.0.0.1");
    format!("postgres://{user}:{password}@{host}:{}/{database}", server.port().unwrap_or(5432))
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("cannot reach the tests' PostgreSQL")?;
    #[expect(clippy::disallowed_methods, reason = "ends with the client it serves")]
    tokio::spawn(connection);
    Ok(client)
}
