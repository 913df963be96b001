use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::EndpointId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Tenant, codes};

use super::events::place;
use crate::app::App;
use crate::domain::mode::fetched;
use crate::store::endpoints::endpoint_lock;
use crate::store::pull::pull_settle;
use crate::store::unmetered::unmetered_add;

/// Events in one transaction: new ones wait for it.
const BATCH: i64 = 200;

/// What has arrived.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AcknowledgeWebhookEvents)]
pub(crate) struct Acknowledge {
    /// The `through` of the events that were fetched.
    through: String,
}

/// How much was acknowledged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AcknowledgedWebhookEvents)]
pub(crate) struct Acknowledged {
    /// Events that are settled now and were not before.
    acknowledged: usize,
}

/// Acknowledges events that were fetched, with all before them: they are not given again, and never sent.
///
/// Again is no mistake. What came after them still waits.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints/{endpointId}/events/acknowledge",
    operation_id = "acknowledgeWebhookEvents", tag = "webhooks", params(("endpointId" = EndpointId, Path)),
    request_body = Acknowledge, responses((status = 200, description = "They are settled", body = Acknowledged)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
    Body(request): Body<Acknowledge>,
) -> Result<Json<Acknowledged>, Problem> {
    let through = place(&app.cursors, tenant.workspace_id, id, &request.through);
    let mut acknowledged = 0;
    loop {
        let settle = async |tx: &mut TenantTx<'_>| settle(&app, tx, id, through.as_ref().ok().copied()).await;
        let settled = app.pg.tenant("endpoints.acknowledge", tenant.workspace_id, settle).await?;
        let settled = settled.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_PUSHES))?;
        // Only who may see the endpoint hears what is wrong with the cursor.
        if through.is_err() || settled == 0 {
            break;
        }
        acknowledged += settled;
    }
    through.map(|_| Json(Acknowledged { acknowledged }))
}

/// `None` while the endpoint is sent to.
async fn settle(
    app: &App,
    tx: &mut TenantTx<'_>,
    id: EndpointId,
    through: Option<i64>,
) -> Result<Option<usize>, PgError> {
    // Nobody resumes it meanwhile.
    let endpoint = endpoint_lock(tx, id).await?.ok_or(PgError::NotFound)?;
    let Some(states) = fetched(endpoint.state()) else { return Ok(None) };
    let Some(through) = through else { return Ok(Some(0)) };
    let settled = pull_settle(tx, id, through, states, BATCH, app.clock.now()).await?;
    unmetered_add(tx, &[(tx.workspace_id(), settled)]).await?;
    Ok(Some(settled))
}
