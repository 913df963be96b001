//! Migrations are a command, not a side effect of serving.

use anyhow::Context as _;
use witan_pg::{DatabaseConfig, MigrationSet, Pg};

use crate::Service;
use crate::command::program;

/// Everything that the service's schema needs, in the order in which it is applied.
pub fn sets<S: Service>() -> Vec<MigrationSet> {
    let shared = [
        MigrationSet { name: "pg", migrations: witan_pg::MIGRATIONS },
        MigrationSet { name: "events", migrations: witan_events::MIGRATIONS },
        MigrationSet { name: "jobs", migrations: witan_jobs::MIGRATIONS },
    ];
    shared.into_iter().chain(S::migrations()).collect()
}

/// Brings the schema up to date, as its owner.
pub(crate) async fn apply<S: Service>(database: &DatabaseConfig) -> anyhow::Result<()> {
    let variable = format!("{}_MIGRATE_DATABASE_URL", S::NAME.to_uppercase());
    let url = database.migrate_url.as_ref();
    let url =
        url.with_context(|| format!("{variable} is needed to migrate: the role that owns the schema"))?;
    let applied = witan_pg::migrate(url, sets::<S>()).await.context("the migrations failed")?;
    for name in &applied {
        tracing::info!(migration = %name, "applied");
    }
    tracing::info!(applied = applied.len(), "the schema is up to date");
    Ok(())
}

/// Refuses to serve on a schema that is behind the code.
pub(crate) async fn require_current<S: Service>(pg: &Pg) -> anyhow::Result<()> {
    let pending = witan_pg::pending(pg, &sets::<S>()).await.context("cannot see the migrations")?;
    anyhow::ensure!(
        pending.is_empty(),
        "the schema of {} is behind by {}: {}\nrun `{} migrate` first",
        S::NAME,
        match pending.len() {
            1 => "1 migration".to_owned(),
            count => format!("{count} migrations"),
        },
        pending.join(", "),
        program(S::NAME),
    );
    Ok(())
}
