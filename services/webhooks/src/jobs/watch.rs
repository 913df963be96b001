//! Measures what there is to do. Every process does, so that whichever is asked tells the same.

use std::time::Duration;

use witan_lifecycle::CancellationToken;
use witan_pg::{PgError, SystemTx};

use crate::app::App;
use crate::delivery::create::{KIND, REPLAYED};
use crate::delivery::metrics;
use crate::store::backlog::{backlog, breakers};

const EVERY: Duration = Duration::from_secs(10);

/// Until the process stops.
pub(crate) async fn watch(app: App, stopping: CancellationToken) {
    loop {
        match stopping.run_until_cancelled(measure(&app)).await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%error, "what there is to deliver cannot be measured"),
            None => return,
        }
        if stopping.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
            return;
        }
    }
}

async fn measure(app: &App) -> Result<(), PgError> {
    let now = app.clock.now();
    let read = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        Ok((backlog(tx, &[KIND, REPLAYED], now).await?, breakers(tx, now).await?))
    };
    let (backlogs, breakers) = app.pg.tx("webhooks.measure", read).await?;
    for backlog in &backlogs {
        metrics::backlog(if backlog.kind == KIND { "live" } else { "replayed" }, backlog, now);
    }
    metrics::breakers(&breakers);
    Ok(())
}
