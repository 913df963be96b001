use chrono::SubsecRound as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, HttpRequest, Json, Path, Problem, Result, State, Tenant, Violations};

use super::list::ProviderKey;
use crate::app::App;
use crate::audit::{self, Author};
use crate::store::provider_keys::{ProviderKeyRow, provider_key_put};

/// How much of a key's end is shown.
const HINT: usize = 4;

/// A key with a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutProviderKey {
    /// As the provider gave it. It is kept encrypted and never shown.
    #[schema(min_length = 8, max_length = 500, example = "gsk_2kJ9vYtq0Zr4x8Qz")]
    key: String,
}

/// Keeps the workspace's own key with a provider, instead of the one that was there.
///
/// From the next run on, the workspace's questions go to the provider with it, and the platform's key is not used for them.
#[utoipa::path(put, path = "/api/v1/models/keys/{provider}", operation_id = "putProviderKey", tag = "models",
    params(("provider" = String, Path, description = "As `listModels` names it, such as `groq`")),
    request_body = PutProviderKey,
    responses((status = 200, description = "It is kept", body = ProviderKey),
        (status = 404, description = "No model has such a provider.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Path(provider): Path<String>,
    Body(wish): Body<PutProviderKey>,
) -> Result<Json<ProviderKey>> {
    let mut models = app.panel.models().list().iter();
    if !models.any(|model| model.provider == provider && !model.is_simulated()) {
        return Err(Problem::not_found());
    }
    let key = usable(&wish.key)?;
    let row = ProviderKeyRow {
        workspace_id: tenant.workspace_id,
        sealed: app.seals.seal(tenant.workspace_id, &provider, key),
        hint: key[key.len() - HINT..].to_owned(),
        provider,
        changed_by: tenant.user_id,
        changed_at: app.clock.now().trunc_subsecs(3),
    };
    let by = Author::of(&request, tenant.user_id);
    let put = async |tx: &mut TenantTx<'_>| -> std::result::Result<(), PgError> {
        provider_key_put(tx, &row).await?;
        audit::record(tx, &app.clock, &by, "PROVIDER_KEY_SET", &row.provider).await
    };
    app.pg.tenant("provider_key.put", tenant.workspace_id, put).await?;
    app.seals.forget(tenant.workspace_id).await;
    Ok(Json(row.into()))
}

/// A key that can stand in a header.
fn usable(key: &str) -> Result<&str> {
    let key = key.trim();
    if key.len() >= 2 * HINT && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key);
    }
    let mut violations = Violations::new();
    violations.push(
        "/key",
        "validation.invalid",
        "must be at least 8 visible ASCII characters, without spaces",
    );
    Err(violations.into())
}
