use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_egress::SigningSecret;
use witan_ids::SecretId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Problem, ProblemBody, State, Tenant};

use crate::app::App;
use crate::store::trait_secrets::{TraitSecretRow, trait_secret_insert, trait_secret_retire};

const DEFAULT_OVERLAP_SECONDS: u32 = 24 * 3600;

/// How to replace the secret, if there is one.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RegenerateTraitsSecret {
    /// How long the old one still holds; a day unless told, a week at most, 0 when it has leaked.
    #[schema(maximum = 604800, nullable = false, default = 86400)]
    overlap_seconds: Option<u32>,
}

/// The new secret, this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TraitsSecret {
    /// Signs what is sent. Keep it: it is not shown again.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
    /// Where to send to.
    #[schema(example = "/api/v1/webhooks/traits?workspaceId=wsp_01kb2mj1vkf6atbe9f2v5qk3mz")]
    path: String,
    /// Until then the one that was replaced still holds, if there was one.
    previous_secret_expires_at: Option<DateTime<Utc>>,
}

/// Makes the secret with which traits are signed, or replaces it.
///
/// One that was replaced holds until the overlap ends; one that was replaced before ends at once.
#[utoipa::path(post, path = "/api/v1/webhooks/traits/secret", operation_id = "regenerateTraitsSecret", tag = "inbound",
    request_body = RegenerateTraitsSecret, responses(
        (status = 200, description = "The new secret", body = TraitsSecret),
        (status = 409, description = "Somebody else replaces it at this moment.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(request): Body<RegenerateTraitsSecret>,
) -> Result<Json<TraitsSecret>, Problem> {
    let (workspace_id, now) = (tenant.workspace_id, app.clock.now());
    let overlap = Duration::from_secs(request.overlap_seconds.unwrap_or(DEFAULT_OVERLAP_SECONDS).into());
    let (secret, id) = (SigningSecret::generate(&app.clock), SecretId::generate(&app.clock));
    let sealed = app.seals.seal_trait_secret(workspace_id, id, &secret);
    let row = TraitSecretRow { workspace_id, id, sealed, created_at: now, expires_at: None };
    let replace = async |tx: &mut TenantTx<'_>| -> Result<bool, PgError> {
        let replaced = trait_secret_retire(tx, now + overlap).await?;
        trait_secret_insert(tx, &row).await?;
        Ok(replaced)
    };
    let replaced = app.pg.tenant("traits.regenerate_secret", workspace_id, replace).await?;
    Ok(Json(TraitsSecret {
        secret: secret.reveal().expose_secret().to_owned(),
        path: super::health::path(workspace_id),
        previous_secret_expires_at: replaced.then(|| now + overlap),
    }))
}
