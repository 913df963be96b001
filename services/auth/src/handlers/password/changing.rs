//! Changing one's own password, under both of its names.

use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Problem, Violations, codes};

use super::confirm::confirm_password;
use super::replace::{address_key, words};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::password::Password;
use crate::domain::session::RevocationReason;
use crate::handlers::client::Client;
use crate::handlers::hashing::hashing_problem;
use crate::handlers::sessions::ending::{end_all, refuse_here};
use crate::jobs::mail::queue_notice;
use crate::mail::MailKind;
use crate::new_password::take_password;
use crate::store::email_tokens::email_token_delete_all;
use crate::store::users::{user_lock, user_password, user_set_password};

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

/// Changes the caller's password and ends their other sessions.
pub(super) async fn change_password(
    app: &App,
    client: &Client,
    caller: &Caller,
    body: ChangePassword,
) -> Result<NoContent, Problem> {
    let (session, id) = (caller.session()?, caller.user_id);
    let mut violations = Violations::new();
    let new = violations.parse("/newPassword", Password::parse(&body.new_password));
    let new = violations.build(|| new)?;
    let confirmed = confirm_password(app, id, body.current_password.into(), "/currentPassword").await?;
    let user = confirmed.user;
    let new = take_password(app, new, &address_key(&user), words(&user)).await;
    let new = new.map_err(|error| hashing_problem(error, "/newPassword"))?;
    let change = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        user_lock(tx, id).await?;
        // Somebody else may have changed it since the old one was compared: then that one was not the old one.
        if user_password(witan_pg::Tx::conn(tx), id).await?.as_ref() != Some(&confirmed.hash) {
            return Ok(None);
        }
        user_set_password(tx, id, &new.hash, app.clock.now()).await?;
        email_token_delete_all(tx, id).await?;
        queue_notice(tx, &app.clock, id, MailKind::PasswordChanged).await?;
        let entry = Audit::new(Action::ChangePassword, id).by(client);
        record(tx, &app.clock, entry.detail("breaches", new.finding.as_str())).await?;
        Ok(Some(end_all(tx, app, id, Some(session), RevocationReason::PasswordChanged).await?))
    };
    let revoked = app.pg.tx("password.change", change).await?;
    let revoked = revoked.ok_or_else(|| Problem::new(&codes::auth::PASSWORD_WRONG))?;
    refuse_here(app, &revoked);
    Ok(NoContent)
}
