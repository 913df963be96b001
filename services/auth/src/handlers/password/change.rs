use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, NoContent, Problem, ProblemBody, State, Violations, codes};

use super::replace::words;
use crate::app::App;
use crate::domain::password::Password;
use crate::domain::session::RevocationReason;
use crate::handlers::hashing::hashing_problem;
use crate::handlers::sessions::ending::{end_all, refuse_here};
use crate::jobs::mail::queue_notice;
use crate::mail::MailKind;
use crate::store::email_tokens::email_token_delete_all;
use crate::store::users::{user_by_id, user_lock, user_password, user_set_password};

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The password until now.
    #[schema(min_length = 1, max_length = 128, format = Password)]
    current_password: String,
    /// At least 8 characters and hard to guess (zxcvbn score 3 of 4).
    #[schema(min_length = 8, max_length = 128, format = Password, example = "correct horse battery staple")]
    new_password: String,
}

/// Changes the caller's password.
///
/// Every other session ends; this one goes on. Links for a new password that were mailed before stop working.
#[utoipa::path(post, path = "/api/v1/auth/change-password", operation_id = "changePassword", tag = "auth",
    request_body = ChangePassword, responses(
        (status = 204, description = "Changed"),
        (status = 403, description = "The old password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Body(request): Body<ChangePassword>,
) -> Result<NoContent, Problem> {
    let (session, id) = (caller.session()?, caller.user_id);
    let mut violations = Violations::new();
    let new = violations.parse("/newPassword", Password::parse(&request.new_password));
    let new = violations.build(|| new)?;
    let read = app.pg.read("password.current", async |conn| {
        Ok::<_, PgError>((user_by_id(conn, id).await?, user_password(conn, id).await?))
    });
    let (Some(user), current) = read.await? else { return Err(Problem::not_found()) };
    let matches = app.hasher.matches(request.current_password.into(), current.clone());
    if !matches.await.map_err(|error| hashing_problem(error, "/currentPassword"))? {
        return Err(Problem::new(&codes::auth::PASSWORD_WRONG));
    }
    let hash = app.hasher.hash(new, words(&user)).await;
    let hash = hash.map_err(|error| hashing_problem(error, "/newPassword"))?;
    let change = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        user_lock(tx, id).await?;
        // Somebody else may have changed it since the old one was compared: then that one was not the old one.
        if user_password(witan_pg::Tx::conn(tx), id).await? != current {
            return Ok(None);
        }
        user_set_password(tx, id, &hash, app.clock.now()).await?;
        email_token_delete_all(tx, id).await?;
        queue_notice(tx, &app.clock, id, MailKind::PasswordChanged).await?;
        Ok(Some(end_all(tx, &app, id, Some(session), RevocationReason::PasswordChanged).await?))
    };
    let revoked = app.pg.tx("password.change", change).await?;
    let revoked = revoked.ok_or_else(|| Problem::new(&codes::auth::PASSWORD_WRONG))?;
    refuse_here(&app, &revoked);
    Ok(NoContent)
}
