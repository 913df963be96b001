use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::KeyId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Json, Problem, State};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::signing_key::KeyState;
use crate::handlers::client::Client;
use crate::jobs::rotate::rotate;
use crate::store::signing_keys::SigningKeyRow;

/// How much of a hurry it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RotateKeys {
    /// A key may have leaked: no access token that was signed until now is accepted any longer, and clients refresh. Here
    /// that is so at once, in other services within two seconds.
    #[serde(default)]
    compromised: bool,
}

/// The keys after it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SigningKeys {
    data: Vec<SigningKey>,
}

/// A key that signs, will or did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SigningKey {
    /// The key; `kid` of tokens.
    id: KeyId,
    /// `ACCESS` or `REFRESH`.
    #[schema(example = "ACCESS")]
    purpose: &'static str,
    /// `NEXT`, `ACTIVE` or `RETIRING`.
    #[schema(example = "NEXT")]
    state: &'static str,
    /// When it came into this state; of a retiring key, when it leaves it.
    at: DateTime<Utc>,
}

/// Replaces the signing keys.
///
/// Usually nobody notices: a successor is published first, and takes over once every verifier has had the time to learn
/// of it; asking again then makes it so before the schedule does. What the old key signed verifies until it expires.
#[utoipa::path(post, path = "/api/v1/auth/rotate-keys", operation_id = "rotateKeys", tag = "auth",
    request_body = RotateKeys, responses((status = 200, description = "The keys as they stand", body = SigningKeys)))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Body(request): Body<RotateKeys>,
) -> Result<Json<SigningKeys>, Problem> {
    if request.compromised {
        app.keys.replace_at_once().await.map_err(Problem::internal)?;
    } else {
        rotate(&app.keys, &app.config, true).await.map_err(Problem::internal)?;
    }
    // This process need not wait to learn what it has just changed.
    app.verifier.forget_keys();
    let tell = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        let entry = Audit::new(Action::KeysRotated, caller.user_id).by(&client);
        record(tx, &app.clock, entry.detail("compromised", request.compromised.to_string())).await
    };
    app.pg.tx("keys.audit", tell).await?;
    let rows = app.keys.list().await?;
    Ok(Json(SigningKeys { data: rows.iter().filter_map(present).collect() }))
}

fn present(row: &SigningKeyRow) -> Option<SigningKey> {
    let state = row.state()?;
    let at = match state {
        KeyState::Next { since } | KeyState::Active { since } => since,
        KeyState::Retiring { until } => until,
    };
    let purpose = row.purpose()?.as_str();
    Some(SigningKey { id: row.id, purpose, state: state.as_str(), at: at.trunc_subsecs(3) })
}
