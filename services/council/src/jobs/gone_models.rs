//! Tells of models that are gone.
//!
//! Every process that asks one finds out by itself; the row of the model, written with the event, is there once, so that
//! the model is told of once by all of them together. What cannot be stored is told by whoever finds out next.

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use witan_clock::Clock;
use witan_events::contracts::council::v1::ModelGone;
use witan_events::publish_alone;
use witan_llm::{CancellationToken, GoneModel};
use witan_pg::{Pg, PgError, SystemTx};

use crate::store::gone_models::{GoneModelRow, gone_model_insert};

/// Tells of every model that is heard of, until the process stops.
pub(crate) async fn listen(pg: Pg, clock: Clock, stop: CancellationToken, mut gone: Receiver<GoneModel>) {
    loop {
        let heard = tokio::select! {
            heard = gone.recv() => heard,
            () = stop.cancelled() => return,
        };
        match heard {
            Ok(model) => {
                if let Err(error) = tell(&pg, &clock, &model).await {
                    tracing::error!(
                        model = model.model,
                        error = &error as &dyn std::error::Error,
                        "a model that is gone was not told of"
                    );
                }
            }
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "models that are gone were missed"),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn tell(pg: &Pg, clock: &Clock, gone: &GoneModel) -> Result<(), PgError> {
    let row = || GoneModelRow {
        model: gone.model.clone(),
        replacement: gone.replacement.clone(),
        told_at: clock.now(),
    };
    let event =
        ModelGone { model: gone.model.clone(), replacement: gone.replacement.clone().unwrap_or_default() };
    let write = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        if gone_model_insert(tx, &row()).await? {
            publish_alone(tx, clock, &gone.model, &event).await?;
        }
        Ok(())
    };
    pg.tx("model.gone", write).await
}
