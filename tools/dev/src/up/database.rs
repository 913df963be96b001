use anyhow::{Context as _, Result};
use tokio_postgres::{Client, NoTls};
use witan_pg::RolePasswords;

use super::installation::Installation;
use crate::gateway::table::SERVICES;
use crate::stack::Setting;

const DATABASE: &str = "witan";

/// The database, and for each service its schema and its two roles. Repeating it changes nothing.
pub(super) async fn prepare(i: &Installation, s: &Setting<'_>) -> Result<()> {
    let server = connect(&s.postgres_url()).await?;
    let exists = server.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE]).await?;
    if exists.is_none() {
        server.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    }
    let url = s.postgres_url();
    let url = url.strip_suffix("/postgres").context("the server's URL has no database")?;
    schemas(&format!("{url}/{DATABASE}"), |service| {
        let (owner, app) = i.database_passwords(service);
        Ok((owner.to_owned(), app.to_owned()))
    })
    .await
}

/// The schema and the two roles of every service, in one database, with (owner's, service's) passwords.
pub(crate) async fn schemas(url: &str, passwords: impl Fn(&str) -> Result<(String, String)>) -> Result<()> {
    let database = connect(url).await?;
    for service in SERVICES {
        let (owner, app) = passwords(service)?;
        let sql = witan_pg::bootstrap_sql(service, &RolePasswords { owner: Some(owner), app: Some(app) });
        database.batch_execute(&sql).await.with_context(|| format!("cannot make the schema of {service}"))?;
    }
    Ok(())
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    #[expect(clippy::disallowed_methods, reason = "ends with the client it serves")]
    tokio::spawn(connection);
    Ok(client)
}
