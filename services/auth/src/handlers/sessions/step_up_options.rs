use actix_web::HttpResponse;
use witan_pg::{PgError, Tx as _};
use witan_web::{Caller, Problem, ProblemBody, State, codes};

use crate::app::App;
use crate::domain::challenge::{Challenge, LASTS, Purpose};
use crate::handlers::passkeys::options::{RequestOptions, answer};
use crate::store::challenges::{NewChallenge, challenge_insert};
use crate::store::passkeys::passkey_list;

/// Begins to prove once more who is calling, with a passkey.
#[utoipa::path(post, path = "/api/v1/auth/step-up/options", operation_id = "beginPasskeyStepUp", tag = "auth", responses(
    (status = 200, description = "Show this to the browser", body = RequestOptions),
    (status = 409, description = "The caller has no passkey.",
        body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let user = caller.user_id;
    let challenge = Challenge::generate(&app.clock);
    let new = NewChallenge {
        challenge: &challenge,
        purpose: Purpose::StepUp,
        user: Some(user),
        methods: Vec::new(),
        cookies: false,
        expires_at: app.clock.now() + LASTS,
    };
    let begin = app.pg.tx("step-up.options", async |tx| {
        let known = passkey_list(tx.conn(), user).await?;
        if !known.is_empty() {
            challenge_insert(tx.conn(), &new).await?;
        }
        Ok::<_, PgError>(known)
    });
    let known = begin.await?;
    if known.is_empty() {
        return Err(Problem::new(&codes::auth::SECOND_FACTOR_MISSING));
    }
    Ok(answer(&RequestOptions::new(&app.config.passkeys, &challenge, &known)))
}
