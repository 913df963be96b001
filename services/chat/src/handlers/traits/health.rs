use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_inbound::{Health, health};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Problem, State, Tenant};

use crate::app::App;
use crate::jobs::traits::SOURCE;
use crate::store::trait_secrets::{TraitSecretRow, trait_secret_live};

/// After this, something that waits is late.
const LATE: TimeDelta = TimeDelta::minutes(5);

/// How the receivers of the workspace are doing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiversHealth {
    receivers: Vec<ReceiverHealth>,
}

/// How one is doing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReceiverHealth {
    #[schema(example = "traits")]
    name: &'static str,
    state: ReceiverState,
    /// Where to send to.
    #[schema(example = "/api/v1/webhooks/traits?workspaceId=wsp_01kb2mj1vkf6atbe9f2v5qk3mz")]
    path: String,
    /// The secrets that are in force, newest first, without what they are.
    secrets: Vec<SecretHealth>,
    /// How many wait to be processed.
    pending: i64,
    /// How many could not be processed, in the last thirty days. They are processed when they are sent again.
    failed: i64,
    #[schema(required)]
    oldest_pending_at: Option<DateTime<Utc>>,
    #[schema(required)]
    last_received_at: Option<DateTime<Utc>>,
    #[schema(required)]
    last_processed_at: Option<DateTime<Utc>>,
    /// Why the last one that failed did.
    #[schema(required)]
    last_error: Option<String>,
}

/// A secret that is in force.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SecretHealth {
    created_at: DateTime<Utc>,
    /// Of one that was replaced.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
}

/// In one word.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReceiverState {
    /// It takes what is signed, and processes it.
    Ready,
    /// Something has waited for five minutes.
    Late,
    /// There is no secret: nothing is taken.
    Off,
}

/// How the receivers of the workspace are doing, without their secrets.
#[utoipa::path(get, path = "/api/v1/webhooks/health", operation_id = "getReceiversHealth", tag = "inbound",
    responses((status = 200, description = "Each receiver", body = ReceiversHealth)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<ReceiversHealth>, Problem> {
    let now = app.clock.now();
    let read = async |tx: &mut TenantTx<'_>| -> Result<(Vec<TraitSecretRow>, Health), PgError> {
        Ok((trait_secret_live(tx, now).await?, health(tx, SOURCE).await?))
    };
    let (secrets, health) = app.pg.tenant_read("traits.health", tenant.workspace_id, read).await?;
    let late = health.oldest_pending_at.is_some_and(|since| now - since > LATE);
    let state = match secrets.is_empty() {
        true => ReceiverState::Off,
        false if late => ReceiverState::Late,
        false => ReceiverState::Ready,
    };
    let secrets = secrets.iter();
    let secrets = secrets.map(|row| SecretHealth { created_at: row.created_at, expires_at: row.expires_at });
    let traits = ReceiverHealth {
        name: "traits",
        state,
        path: path(tenant.workspace_id),
        secrets: secrets.collect(),
        pending: health.pending,
        failed: health.failed,
        oldest_pending_at: health.oldest_pending_at,
        last_received_at: health.last_received_at,
        last_processed_at: health.last_processed_at,
        last_error: health.last_error,
    };
    Ok(Json(ReceiversHealth { receivers: vec![traits] }))
}

/// Where traits of this workspace's personas are taken.
pub(super) fn path(workspace: WorkspaceId) -> String {
    format!("/api/v1/webhooks/traits?workspaceId={workspace}")
}
