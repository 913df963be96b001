use actix_web::HttpRequest;
use serde::Deserialize;
use utoipa::IntoParams;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Problem, Query, State};

use super::change::{Change, removed};
use crate::app::App;
use crate::audit::Action;
use crate::handlers::client::Client;
use crate::handlers::sessions::ending::refuse_here;
use crate::mail::Topic;
use crate::store::factors::totp_delete;
use crate::store::users::user_lock;

/// What ends with a factor.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Removal {
    /// Whether the caller's other sessions end.
    #[serde(default)]
    #[param(required = false)]
    pub(crate) end_other_sessions: bool,
}

/// Removes the authenticator app.
///
/// With the last second factor the recovery codes go, and no session counts as proved by one any longer: from its
/// next refresh on, at the latest when its access token ends.
#[utoipa::path(delete, path = "/api/v1/auth/factors/totp", operation_id = "removeTotp", tag = "factors",
    params(Removal), responses((status = 204, description = "Removed")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Query(removal): Query<Removal>,
) -> Result<NoContent, Problem> {
    let (user, client) = (caller.user_id, Client::of(&request));
    let change = Change {
        user,
        session: caller.session()?,
        client: &client,
        action: Action::TotpRemoved,
        topic: Topic::TotpRemoved,
        subject: None,
        end_others: removal.end_other_sessions,
    };
    let remove = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        user_lock(tx, user).await?;
        match totp_delete(tx, user).await? {
            true => removed(tx, &app, &change).await.map(Some),
            false => Ok(None),
        }
    };
    let ended = app.pg.tx("totp.remove", remove).await?.ok_or_else(Problem::not_found)?;
    refuse_here(&app, &ended);
    Ok(NoContent)
}
