use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx, Tx};
use witan_web::{Body, Problem, ProblemBody, State, codes, cookies};

use super::credential::{SignedCredential, signed};
use super::prove::prove;
use crate::app::App;
use crate::domain::challenge::Purpose;
use crate::domain::method::Method;
use crate::domain::webauthn::Assertion;
use crate::handlers::client::Client;
use crate::handlers::sessions::refusal::refusal;
use crate::handlers::sessions::start::enter;
use crate::handlers::sessions::tokens::{Carrier, Tokens};
use crate::store::challenges::challenge_take;
use crate::store::passkeys::passkey_by_credential;
use crate::store::users::{User, user_lock};

/// What the device signed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasskeySignIn {
    /// What the browser made of the options.
    #[schema(schema_with = signed)]
    credential: SignedCredential,
    /// For pages in a browser: the tokens go into cookies that scripts cannot read, and not into the answer. The request
    /// must come from an allowed origin.
    #[serde(default)]
    cookies: bool,
}

/// Signs in with a passkey, without a user name and without a password.
///
/// It is two factors in one: the device, and who unlocked it. No other is asked for.
#[utoipa::path(post, path = "/api/v1/auth/passkeys/sign-in", operation_id = "signInWithPasskey", tag = "auth",
    request_body = PasskeySignIn, responses(
        (status = 200, description = "Signed in", body = Tokens),
        (status = 401, description = "The passkey is not known here, or does not answer what it was asked.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The account is not open; the code says why.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(body): Body<PasskeySignIn>,
) -> Result<HttpResponse, Problem> {
    let carrier = if body.cookies { Carrier::Cookies } else { Carrier::Body };
    if body.cookies {
        // Otherwise another site could log a browser into an account of its own.
        cookies::check_origin(&request)?;
    }
    let client = Client::of(&request);
    let user = Box::pin(owner(&app, body.credential.into(), &client)).await?;
    let user = user.ok_or_else(|| refusal(&codes::auth::PASSKEY_INVALID))?;
    Box::pin(enter(&app, &request, user, &[Method::Passkey], carrier)).await
}

/// Whose passkey answered, if it answered what we asked.
async fn owner(app: &App, assertion: Assertion, client: &Client) -> Result<Option<User>, PgError> {
    let Some(challenge) = assertion.challenge() else { return Ok(None) };
    let now = app.clock.now();
    // Taken by itself: whatever becomes of the answer, nobody gives another one.
    let take = async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> {
        Ok(challenge_take(tx, &challenge, Purpose::SignIn, now).await?.is_some())
    };
    // Only the passkey says whose it is (WebAuthn L3, 7.2, step 6).
    if assertion.user_handle.is_none() || !app.pg.tx("passkey.challenge", take).await? {
        return Ok(None);
    }
    let check = async |tx: &mut SystemTx<'_>| -> Result<Option<User>, PgError> {
        let Some(row) = passkey_by_credential(tx.conn(), &assertion.id).await? else { return Ok(None) };
        let Some(user) = user_lock(tx, row.user_id).await? else { return Ok(None) };
        Ok(prove(tx, app, user.id, &challenge, &assertion, client).await?.then_some(user))
    };
    app.pg.tx("passkey.prove", check).await
}
