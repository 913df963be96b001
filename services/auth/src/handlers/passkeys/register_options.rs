use actix_web::HttpResponse;
use witan_pg::{PgError, Tx as _};
use witan_web::{Caller, Problem, ProblemBody, State, codes};

use super::options::{CreationOptions, answer};
use super::register::MOST_PASSKEYS;
use crate::app::App;
use crate::domain::challenge::{Challenge, LASTS, Purpose};
use crate::store::challenges::{NewChallenge, challenge_insert};
use crate::store::passkeys::passkey_list;
use crate::store::users::user_by_id;

/// Begins to register a passkey.
#[utoipa::path(post, path = "/api/v1/auth/passkeys/options", operation_id = "beginPasskey", tag = "factors", responses(
    (status = 200, description = "Show this to the browser", body = CreationOptions),
    (status = 409, description = "There are 20 passkeys already.",
        body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let id = caller.user_id;
    let challenge = Challenge::generate(&app.clock);
    let new = NewChallenge {
        challenge: &challenge,
        purpose: Purpose::Registration,
        user: Some(id),
        methods: Vec::new(),
        cookies: false,
        expires_at: app.clock.now() + LASTS,
    };
    let begin = app.pg.tx("passkey.begin", async |tx| {
        challenge_insert(tx.conn(), &new).await?;
        Ok::<_, PgError>((user_by_id(tx.conn(), id).await?, passkey_list(tx.conn(), id).await?))
    });
    let (Some(user), known) = begin.await? else { return Err(Problem::new(&codes::SESSION_ENDED)) };
    if known.len() >= MOST_PASSKEYS {
        return Err(Problem::new(&codes::auth::PASSKEY_LIMIT));
    }
    Ok(answer(&CreationOptions::new(&app.config.passkeys, &user, &challenge, &known)))
}
