use actix_web::HttpResponse;
use witan_web::{Problem, State};

use super::options::{RequestOptions, answer};
use crate::app::App;
use crate::domain::challenge::{Challenge, LASTS, Purpose};
use crate::store::challenges::{NewChallenge, challenge_insert};

/// Begins to sign in with a passkey.
///
/// Nobody says who they are: the device shows the passkeys that it knows.
#[utoipa::path(post, path = "/api/v1/auth/passkeys/sign-in/options", operation_id = "beginPasskeySignIn", tag = "auth",
    responses((status = 200, description = "Show this to the browser", body = RequestOptions)))]
pub(crate) async fn handle(app: State<App>) -> Result<HttpResponse, Problem> {
    let challenge = Challenge::generate(&app.clock);
    let new = NewChallenge {
        challenge: &challenge,
        purpose: Purpose::SignIn,
        user: None,
        methods: Vec::new(),
        cookies: false,
        expires_at: app.clock.now() + LASTS,
    };
    app.pg.write("passkey.sign-in", async |conn| challenge_insert(conn, &new).await).await?;
    Ok(answer(&RequestOptions::new(&app.config.passkeys, &challenge, &[])))
}
