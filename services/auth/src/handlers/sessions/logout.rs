use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Problem, Query, State, cookies};

use super::ending::{end, end_all, refuse_here};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::session::RevocationReason;
use crate::handlers::client::Client;
use crate::store::users::user_lock;

/// How much is ended.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Extent {
    /// Every session of the user, on every device, and not only this one.
    #[serde(default)]
    #[param(required = false)]
    all: bool,
}

/// Logs out.
///
/// Ends this session, or all: refresh tokens at once, access tokens in every service within two seconds.
#[utoipa::path(post, path = "/api/v1/auth/logout", operation_id = "logout", tag = "auth", params(Extent),
    responses((status = 204, description = "Logged out")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Query(extent): Query<Extent>,
) -> Result<HttpResponse, Problem> {
    let (session, user, client) = (caller.session()?, caller.user_id, Client::of(&request));
    let logout = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        let revoked: Vec<_> = if extent.all {
            // Nothing that another issuer signed before opens a session meanwhile.
            user_lock(tx, user).await?;
            end_all(tx, &app, user, None, RevocationReason::LogoutAll).await?
        } else {
            end(tx, &app, session, user, RevocationReason::Logout).await?.into_iter().collect()
        };
        let entry = Audit::new(Action::Logout, user).to(session).by(&client);
        record(tx, &app.clock, entry.detail("sessions", revoked.len().to_string())).await?;
        Ok(revoked)
    };
    let revoked = app.pg.tx("session.logout", logout).await?;
    refuse_here(&app, &revoked);
    let mut response = HttpResponse::NoContent();
    if cookies::read(&request, cookies::ACCESS)?.is_some() {
        for cookie in cookies::removed() {
            response.cookie(cookie);
        }
    }
    Ok(response.finish())
}
