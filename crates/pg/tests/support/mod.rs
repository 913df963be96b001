//! A database of its own for each test, on the server of `WITAN_TEST_POSTGRES_URL`. Dropped with it.

use secrecy::SecretString;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;
use witan_clock::Clock;
use witan_config::Env;
use witan_pg::{DatabaseConfig, MigrationSet, Pg, RolePasswords, bootstrap_sql, migrate};

/// Of the roles. Those belong to the server, so it is the one that `witan_testkit` gives them.
pub(crate) const PASSWORD: &str = "test";

/// A database with the schema and roles of one service.
pub(crate) struct Database {
    pub(crate) name: String,
    service: String,
    server: Config,
}

impl Database {
    /// Creates the database and sets it up for `service`.
    pub(crate) async fn create(service: &str) -> Self {
        let url = Env::process();
        let url =
            url.get("WITAN_TEST_POSTGRES_URL").expect("WITAN_TEST_POSTGRES_URL says where tests may work");
        let server: Config = url.parse().unwrap();
        let name = format!("witan_it_{}", Clock::system().uuid_v7().simple());
        connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let database = Self { name, service: service.to_owned(), server };
        // Roles belong to the server, where other tests may be creating the same ones.
        let password = Some(PASSWORD.to_owned());
        let sql = bootstrap_sql(service, &RolePasswords { owner: password.clone(), app: password });
        let admin = database.admin().await;
        for _ in 0..50 {
            match admin.batch_execute(&sql).await {
                Ok(()) => return database,
                Err(error) => assert!(error.to_string().contains("db error"), "{error}"),
            }
        }
        panic!("the database cannot be set up");
    }

    /// Runs migrations as the owner of the schema.
    pub(crate) async fn migrate(&self, sets: Vec<MigrationSet>) {
        migrate(&self.owner_url(), sets).await.unwrap();
    }

    /// A pool with the application's role.
    pub(crate) async fn pg(&self, size: usize) -> Pg {
        Pg::connect(&DatabaseConfig { pool: size, ..self.config() }, &self.service).await.unwrap()
    }

    pub(crate) fn config(&self) -> DatabaseConfig {
        DatabaseConfig::new(self.url(&format!("witan_{}", self.service)))
    }

    pub(crate) fn owner_url(&self) -> SecretString {
        self.url(&format!("witan_{}_owner", self.service))
    }

    pub(crate) fn url(&self, role: &str) -> SecretString {
        let host = match &self.server.get_hosts()[0] {
            tokio_postgres::config::Host::Tcp(host) => host.clone(),
            host => panic!("tests need a TCP address, not {host:?}"),
        };
        let port = self.server.get_ports()[0];
        format!("postgres://{role}:{PASSWORD}@{host}:{port}/{}", self.name).into()
    }

    /// A superuser in this database.
    pub(crate) async fn admin(&self) -> Client {
        let mut config = self.server.clone();
        config.dbname(&self.name);
        connect(&config).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let drop = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _ = connect(&server).await.batch_execute(&drop).await;
            });
        });
        let _ = drop.join();
    }
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with the client")]
    tokio::spawn(connection);
    client
}

/// Polls until `condition` holds, for twenty seconds at most.
pub(crate) async fn eventually<F: AsyncFnMut() -> bool>(what: &str, mut condition: F) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while !condition().await {
        assert!(tokio::time::Instant::now() < deadline, "did not happen: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

pub(crate) fn uuid() -> Uuid {
    Clock::system().uuid_v7()
}
