use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::PasskeyId;
use witan_web::{Body, Caller, Json, Path, Problem, State, Violations};

use super::view::Passkey;
use crate::app::App;
use crate::domain::name::DisplayName;
use crate::store::passkeys::passkey_rename;

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RenamePasskey {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 100, example = "phone")]
    name: String,
}

/// Gives a passkey of the caller another name.
#[utoipa::path(patch, path = "/api/v1/auth/passkeys/{passkeyId}", operation_id = "renamePasskey", tag = "factors",
    params(("passkeyId" = PasskeyId, Path, description = "The passkey")),
    request_body = RenamePasskey, responses((status = 200, description = "Renamed", body = Passkey)))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Path(id): Path<PasskeyId>,
    Body(body): Body<RenamePasskey>,
) -> Result<Json<Passkey>, Problem> {
    caller.session()?;
    let mut violations = Violations::new();
    let name = violations.parse("/name", DisplayName::parse(&body.name));
    let name = violations.build(|| name)?;
    let user = caller.user_id;
    let rename = async |conn: &mut _| passkey_rename(conn, id, user, name.as_str()).await;
    let row = app.pg.write("passkey.rename", rename).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(Passkey::of(row)))
}
