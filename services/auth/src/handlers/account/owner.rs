//! What the owner's operations have in common.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Caller, Problem, Violations, cookies};

use super::close::{Close, Closing, close};
use super::open::{OpenError, Opening, open};
use super::view::AccountState;
use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::handlers::client::Client;
use crate::handlers::sessions::authenticate::authenticate;

/// Whose account it is. Nobody can be logged in to a closed one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Owner {
    /// The address of the account.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
    /// Its password.
    #[schema(min_length = 1, max_length = 128, format = Password, example = "correct horse battery staple")]
    password: String,
}

/// Closes the caller's own account. The session that asks ends as well, and its cookies with it.
pub(super) async fn close_own(
    app: &App,
    request: &HttpRequest,
    caller: &Caller,
    closing: Closing,
) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let (user, client) = (caller.user_id, Client::of(request));
    let wanted = Close { user, actor: user, client: &client, closing, force: false };
    let account = close(app, &wanted).await?;
    let mut response = HttpResponse::Ok();
    if cookies::read(request, cookies::ACCESS)?.is_some() {
        for cookie in cookies::removed() {
            response.cookie(cookie);
        }
    }
    Ok(response.json(AccountState::from(&account)))
}

/// Opens an account for who knows its password. Who does not learns nothing: the same check as at log-in, with its cost,
/// its counters and its one refusal.
pub(super) async fn open_with_password(
    app: &App,
    request: &HttpRequest,
    owner: Owner,
    opening: Opening<'_>,
) -> Result<AccountState, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&owner.email));
    let email = violations.build(|| email)?;
    let (user, _) = authenticate(app, request, &email, owner.password.into()).await?;
    let opened = open(app, &Client::of(request), (user.id, user.id), opening).await;
    match opened {
        // It went away since the password was compared.
        Err(OpenError::Unknown) => Err(OpenError::Due.into()),
        opened => Ok(AccountState::from(&opened?)),
    }
}
