use witan_ids::ApiKeyId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Path, Problem, State};

use super::issuing::end;
use super::owner::check;
use crate::app::App;
use crate::domain::api_key::KeyEnd;
use crate::handlers::client::Client;
use crate::store::api_keys::api_key_find;

/// Ends an API key, in every service within two seconds.
///
/// Somebody else's key, and one that has ended, are as absent as one that never was.
#[utoipa::path(delete, path = "/api/v1/api-keys/{keyId}", operation_id = "revokeApiKey", tag = "api-keys",
    params(("keyId" = ApiKeyId, Path, description = "The key")),
    responses((status = 204, description = "Ended")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Path(id): Path<ApiKeyId>,
) -> Result<NoContent, Problem> {
    let now = app.clock.now();
    let found = app.pg.read("api_key.show", async |conn| api_key_find(conn, id, now).await).await?;
    let key = found.ok_or_else(Problem::not_found)?;
    check(&app, &caller, &key).await?;
    let by = (caller.user_id, &client);
    let revoke = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        end(tx, &app, &key, KeyEnd::Revoked, by).await
    };
    if !app.pg.tx("api_key.revoke", revoke).await? {
        return Err(Problem::not_found());
    }
    app.api_keys.revoke(id);
    Ok(NoContent)
}
