//! What was committed, read where it is.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, NoTls};

use crate::installation::Installation;

/// The database, past every service.
pub(crate) struct Truth {
    url: String,
}

impl Truth {
    pub(crate) async fn open(installation: &Installation) -> Result<Self> {
        let truth = Self { url: installation.database_url()? };
        truth.connect().await.context("the installation's database")?;
        Ok(truth)
    }

    /// The names of all startups that begin with `prefix`; one that was committed twice is there twice.
    pub(crate) async fn startups(&self, prefix: &str) -> Result<Vec<String>> {
        let began = Instant::now();
        loop {
            match self.read(prefix).await {
                Ok(names) => return Ok(names),
                Err(error) if began.elapsed() > Duration::from_secs(60) => return Err(error),
                Err(_) => sleep(Duration::from_millis(500)).await,
            }
        }
    }

    /// By how many seconds the clock was ahead of the database's that dated the last startup.
    pub(crate) async fn ahead(&self) -> Result<f64> {
        let statement = "SELECT extract(epoch FROM created_at - now())::float8 FROM tenancy.startups ORDER BY age(xmin) LIMIT 1";
        Ok(self.connect().await?.query_one(statement, &[]).await?.get(0))
    }

    async fn read(&self, prefix: &str) -> Result<Vec<String>> {
        let statement = "SELECT name FROM tenancy.startups WHERE starts_with(name, $1)";
        let rows = self.connect().await?.query(statement, &[&prefix]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    async fn connect(&self) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        #[expect(clippy::disallowed_methods, reason = "ends with the client")]
        tokio::spawn(connection);
        Ok(client)
    }
}
