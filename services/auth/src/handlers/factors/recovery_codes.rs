use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use witan_pg::{PgError, SystemTx, Tx};
use witan_web::{Caller, Problem, ProblemBody, State, codes};

use super::change::{Change, tell};
use super::totp_confirm::RecoveryCodes;
use crate::app::App;
use crate::audit::Action;
use crate::domain::recovery_code::RecoveryCode;
use crate::handlers::client::Client;
use crate::mail::Topic;
use crate::store::factors::{factors_of, recovery_codes_replace};
use crate::store::users::user_lock;

/// Makes new recovery codes.
///
/// Ten, shown this once. Those there were before stop working.
#[utoipa::path(post, path = "/api/v1/auth/factors/recovery-codes", operation_id = "makeRecoveryCodes", tag = "factors",
    responses(
        (status = 200, description = "Made", body = RecoveryCodes),
        (status = 409, description = "There is no second factor that they could stand in for.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    let (user, client) = (caller.user_id, Client::of(&request));
    let change = Change {
        user,
        session: caller.session()?,
        client: &client,
        action: Action::RecoveryCodesMade,
        topic: Topic::RecoveryCodesMade,
        subject: None,
        end_others: false,
    };
    let made = RecoveryCode::generate_set(&app.clock);
    let replace = async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> {
        user_lock(tx, user).await?;
        if !factors_of(tx.conn(), user).await?.any() {
            return Ok(false);
        }
        recovery_codes_replace(tx, user, &made, app.clock.now()).await?;
        tell(tx, &app, &change).await?;
        Ok(true)
    };
    if !app.pg.tx("recovery_codes.make", replace).await? {
        return Err(Problem::new(&codes::auth::SECOND_FACTOR_MISSING));
    }
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(RecoveryCodes::of(&made)))
}
