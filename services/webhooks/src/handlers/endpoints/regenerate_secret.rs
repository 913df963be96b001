use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::{EndpointId, SecretId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Tenant, codes};

use crate::app::App;
use crate::domain::state::EndpointState;
use crate::keys::SigningKey;
use crate::store::endpoints::{EndpointChange, endpoint_lock, endpoint_update};
use crate::store::secrets::{SecretRow, secret_insert, secret_retire};

const DEFAULT_OVERLAP_SECONDS: u32 = 24 * 3600;

/// How to replace a secret.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RegenerateSecret {
    /// How long deliveries are signed with both; a day unless told, a week at most, 0 when the old one has leaked.
    #[schema(maximum = 604800, nullable = false, default = 86400)]
    overlap_seconds: Option<u32>,
}

/// The new secret, this once, or the new public key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegeneratedSecret {
    /// Keep it: it is not shown again. `null` where deliveries are signed with `ed25519`.
    #[schema(required, example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: Option<String>,
    /// Verifies the new signatures where deliveries are signed with `ed25519`.
    #[schema(required, example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    public_key: Option<String>,
    /// Until then every delivery has two signatures.
    previous_secret_expires_at: DateTime<Utc>,
}

/// Replaces the signing secret or key.
///
/// Until the overlap ends, deliveries carry a signature of each secret, so that the partner can change over in its own
/// time. A secret from an earlier replacement ends at once.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints/{endpointId}/regenerate-secret",
    operation_id = "regenerateWebhookSecret", tag = "webhooks", params(("endpointId" = EndpointId, Path)),
    request_body = RegenerateSecret,
    responses((status = 200, description = "The new secret", body = RegeneratedSecret)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(endpoint_id): Path<EndpointId>,
    Body(request): Body<RegenerateSecret>,
) -> Result<Json<RegeneratedSecret>, Problem> {
    let (workspace_id, now) = (tenant.workspace_id, app.clock.now());
    let overlap = Duration::from_secs(request.overlap_seconds.unwrap_or(DEFAULT_OVERLAP_SECONDS).into());
    let replace = async |tx: &mut TenantTx<'_>| -> Result<Option<SigningKey>, PgError> {
        // Two replacements at once would leave two current secrets.
        let endpoint = endpoint_lock(tx, endpoint_id).await?.ok_or(PgError::NotFound)?;
        if endpoint.state() == EndpointState::Pulled {
            return Ok(None);
        }
        let key = SigningKey::generate(endpoint.signature(), &app.clock);
        let id = SecretId::generate(&app.clock);
        let sealed = app.seals.seal_key(workspace_id, id, &key);
        let row = SecretRow { workspace_id, id, endpoint_id, sealed, created_at: now, expires_at: None };
        secret_retire(tx, endpoint_id, now + overlap).await?;
        secret_insert(tx, &row).await?;
        if let Some(public_key) = key.public_key() {
            let change = EndpointChange {
                public_key: Some(Some(public_key)),
                updated_at: Some(now),
                ..Default::default()
            };
            endpoint_update(tx, endpoint_id, &change).await?;
        }
        Ok(Some(key))
    };
    let key = app.pg.tenant("endpoints.regenerate_secret", workspace_id, replace).await?;
    let key = key.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_PULLS))?;
    Ok(Json(RegeneratedSecret {
        secret: key.secret(),
        public_key: key.public_key(),
        previous_secret_expires_at: now + overlap,
    }))
}
