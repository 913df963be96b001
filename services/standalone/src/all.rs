//! The services, and what is done with each of them.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use witan_clock::Clock;
use witan_config::Env;
use witan_host::{Running, Service, Settings, migration_sets};
use witan_lifecycle::Lifecycle;
use witan_telemetry::TelemetryConfig;

/// Does the same with every service, those first that others ask.
macro_rules! each {
    ($service:ident => $action:expr) => {{
        {
            type $service = witan_auth::Auth;
            $action
        }
        {
            type $service = witan_billing::Billing;
            $action
        }
        {
            type $service = witan_tenancy::Tenancy;
            $action
        }
        {
            type $service = witan_council::Council;
            $action
        }
        {
            type $service = witan_chat::Chat;
            $action
        }
        {
            type $service = witan_webhooks::Webhooks;
            $action
        }
    }};
}

/// Every mistake of every service's configuration, each once: most settings are common.
pub(crate) fn mistakes(env: &Env) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    each!(S => if let Err(mistakes) = Settings::<S>::read(env) {
        lines.extend(mistakes.to_string().lines().map(str::to_owned));
    });
    lines
}

/// One process has one telemetry; the settings are the same for all.
pub(crate) fn telemetry(env: &Env) -> TelemetryConfig {
    Settings::<witan_auth::Auth>::read(env).map(|settings| settings.host.telemetry).unwrap_or_default()
}

pub(crate) async fn migrate(env: &Env) -> Result<()> {
    each!(S => migrate_one::<S>(env).await?);
    Ok(())
}

async fn migrate_one<S: Service>(env: &Env) -> Result<()> {
    let database = Settings::<S>::read(env)?.host.database;
    let variable = format!("{}_MIGRATE_DATABASE_URL", S::NAME.to_uppercase());
    let url = database.migrate_url.with_context(|| format!("{variable} is needed to migrate"))?;
    let applied = witan_pg::migrate(&url, migration_sets::<S>()).await;
    let applied = applied.with_context(|| format!("the migrations of {} failed", S::NAME))?;
    tracing::info!(service = S::NAME, applied = applied.len(), "the schema is up to date");
    Ok(())
}

/// Starts them one after the other; when one does not start, those before it are stopped.
pub(crate) async fn start(env: &Env) -> Result<Vec<Running>> {
    let mut running = Vec::new();
    let started = start_each(env, &mut running).await;
    if started.is_err() {
        stop(running).await;
        return started.map(|()| Vec::new());
    }
    Ok(running)
}

async fn start_each(env: &Env, running: &mut Vec<Running>) -> Result<()> {
    each!(S => {
        let one = Box::pin(witan_host::run::<S>(env, Clock::system(), Lifecycle::new(), None)).await;
        running.push(one.with_context(|| format!("{} did not start", S::NAME))?);
    });
    Ok(())
}

/// Drains all of them side by side.
pub(crate) async fn stop(running: Vec<Running>) {
    futures_util::future::join_all(running.into_iter().map(Running::stop)).await;
}
