//! What calls of plain models use. Each is noted while it is made, and told of in the transaction that takes the note away:
//! once, by whoever made it or, when that process has died, by another one.

use std::time::Duration;

use serde_json::json;
use witan_events::contracts::council::v1::ModelCalled;
use witan_events::publish;
use witan_ids::{UserId, WorkspaceId};
use witan_llm::{Price, Usage};
use witan_pg::{PgError, SystemTx, TenantTx};

use crate::app::App;
use crate::store::model_calls::{ModelCallRow, model_call_insert, model_call_take, model_call_take_lapsed};

/// How long after its deadline a call whose end nobody told is given up.
const GRACE: Duration = Duration::from_secs(60);
const BATCH: i64 = 50;

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

impl Called {
    fn event(&self) -> ModelCalled {
        let count = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
        ModelCalled {
            workspace_id: self.workspace_id.to_string(),
            call_id: self.call.clone(),
            user_id: self.user_id.to_string(),
            model: self.model.clone(),
            answered: self.answered,
            input_tokens: count(self.usage.input_tokens),
            output_tokens: count(self.usage.output_tokens),
            estimated: self.usage.estimated,
            cost_micros: self.cost_micros,
            currency: Price::CURRENCY.to_owned(),
            duration_ms: u32::try_from(self.took.as_millis()).unwrap_or(u32::MAX),
        }
    }
}

/// Notes a call that may take this long; `called` is what is told if nobody sees its end.
pub(crate) async fn note(app: &App, called: &Called, within: Duration) -> Result<(), PgError> {
    let row = ModelCallRow {
        call_id: called.call.clone(),
        tenant: called.workspace_id,
        event: json!(called.event()),
        lapses_at: app.clock.now() + within + GRACE,
    };
    app.pg.write("model.note", async |conn| model_call_insert(conn, &row).await).await
}

/// Tells what a call used, beside the answer: nobody should wait for the bookkeeping.
pub(crate) fn tell(app: &App, called: Called) {
    let event = called.event();
    settle(app, called.workspace_id, called.call, Some(event));
}

/// A call used nothing.
pub(crate) fn forget(app: &App, workspace: WorkspaceId, call: String) {
    settle(app, workspace, call, None);
}

fn settle(app: &App, workspace: WorkspaceId, call: String, event: Option<ModelCalled>) {
    let shared = app.clone();
    app.lifecycle.spawn("model.called", async move {
        let settle = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
            if !model_call_take(tx, &call).await? {
                return Ok(());
            }
            match &event {
                Some(event) => publish(tx, &shared.clock, &call, event).await.map(drop),
                None => Ok(()),
            }
        };
        if let Err(error) = shared.pg.tenant("model.called", workspace, settle).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(call, error, "the usage of a model is told later, by estimate");
        }
    });
}

/// Tells of calls whose process has died, by what they read.
pub(crate) async fn sweep(app: &App) -> Result<(), PgError> {
    let round = async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
        let lapsed = model_call_take_lapsed(tx, app.clock.now(), BATCH).await?;
        for row in &lapsed {
            let Ok(event) = serde_json::from_value::<ModelCalled>(row.event.clone()) else { continue };
            let mut tenant = tx.tenant(row.tenant);
            publish(&mut tenant, &app.clock, &row.call_id, &event).await?;
        }
        Ok(lapsed.len())
    };
    while app.pg.tx("model.sweep", round).await? > 0 {}
    Ok(())
}
