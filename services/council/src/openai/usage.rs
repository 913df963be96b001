use std::time::Duration;

use witan_events::contracts::council::v1::ModelCalled;
use witan_events::publish;
use witan_ids::{UserId, WorkspaceId};
use witan_llm::{Price, Usage};
use witan_pg::{PgError, TenantTx};

use crate::app::App;

/// A call of a plain model that used something.
pub(crate) struct Called {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) call: String,
    /// Who answered.
    pub(crate) model: String,
    pub(crate) usage: Usage,
    pub(crate) cost_micros: i64,
    pub(crate) took: Duration,
    /// Whether the answer was whole.
    pub(crate) answered: bool,
}

/// Tells what a call used, beside the answer: nobody should wait for the bookkeeping.
pub(crate) fn tell(app: &App, called: Called) {
    let shared = app.clone();
    app.lifecycle.spawn("model.called", async move {
        if let Err(error) = store(&shared, &called).await {
            tracing::error!(
                call = called.call,
                error = &error as &dyn std::error::Error,
                "the usage of a model was not recorded"
            );
        }
    });
}

async fn store(app: &App, called: &Called) -> Result<(), PgError> {
    let count = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
    let event = ModelCalled {
        workspace_id: called.workspace_id.to_string(),
        call_id: called.call.clone(),
        user_id: called.user_id.to_string(),
        model: called.model.clone(),
        answered: called.answered,
        input_tokens: count(called.usage.input_tokens),
        output_tokens: count(called.usage.output_tokens),
        estimated: called.usage.estimated,
        cost_micros: called.cost_micros,
        currency: Price::CURRENCY.to_owned(),
        duration_ms: u32::try_from(called.took.as_millis()).unwrap_or(u32::MAX),
    };
    let publish = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        publish(tx, &app.clock, &event.call_id, &event).await.map(drop)
    };
    app.pg.tenant("model.called", called.workspace_id, publish).await
}
