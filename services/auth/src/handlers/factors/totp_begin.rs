use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx, Tx};
use witan_web::{Caller, Problem, ProblemBody, State, codes};

use super::totp_secret::seal;
use crate::app::App;
use crate::domain::totp::TotpSecret;
use crate::store::factors::{totp_delete, totp_find, totp_insert};
use crate::store::users::user_lock;

/// What the app calls us.
const ISSUER: &str = "Witan";

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TotpSetup {
    /// The secret, for those who type it.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same with everything else, for a QR code.
    #[schema(
        example = "otpauth://totp/Witan:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Witan"
    )]
    uri: String,
}

/// Begins to set an authenticator app up.
///
/// The secret is shown this once and counts for nothing until `confirmTotp` has seen a code of it. Beginning again
/// forgets the secret before.
#[utoipa::path(post, path = "/api/v1/auth/factors/totp", operation_id = "beginTotp", tag = "factors", responses(
    (status = 200, description = "Show this to the app", body = TotpSetup),
    (status = 409, description = "There is an app already.",
        body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let (id, now) = (caller.user_id, app.clock.now());
    let secret = TotpSecret::generate(&app.clock);
    let sealed = seal(&app, id, &secret);
    let begin = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        let Some(user) = user_lock(tx, id).await? else { return Ok(None) };
        if totp_find(tx.conn(), id).await?.is_some_and(|row| row.confirmed_at.is_some()) {
            return Ok(None);
        }
        totp_delete(tx, id).await?;
        totp_insert(tx, id, &sealed, now).await?;
        Ok(Some(user.email))
    };
    let email = app.pg.tx("totp.begin", begin).await?;
    let email = email.ok_or_else(|| Problem::new(&codes::auth::TOTP_EXISTS))?;
    let uri = secret.uri(ISSUER, &email).map_err(Problem::internal)?;
    let setup = TotpSetup { secret: secret.text(), uri: uri.into() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(setup))
}
