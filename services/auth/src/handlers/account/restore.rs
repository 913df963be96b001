use actix_web::HttpRequest;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, Json, Problem, ProblemBody, State};

use super::open::{OpenError, Opening, open, owner_of_link};
use super::owner::{Owner, open_with_password};
use super::view::AccountState;
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::mailed_token::MailedToken;
use crate::handlers::client::Client;

/// What proves that it is one's own: the mailed link, or address and password.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Restore {
    /// The mailed link.
    Link(RestoreLink),
    /// Address and password.
    Owner(Owner),
}

/// The mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RestoreLink {
    /// The token of the mailed link.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
}

/// Takes the deletion of an account back.
///
/// All is as it was. After the grace it is refused, for the erasure has begun. The mailed link, which works once, also
/// opens an account that was deactivated. Nobody is logged in by it.
#[utoipa::path(post, path = "/api/v1/auth/restore-account", operation_id = "restoreAccount", tag = "account",
    request_body = Restore, responses(
        (status = 200, description = "Open", body = AccountState),
        (status = 401, description = "The address or the password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An administrator closed it, or its address is not proved.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is not about to be deleted, or the grace is over.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(restore): Body<Restore>,
) -> Result<Json<AccountState>, Problem> {
    match restore {
        Restore::Owner(owner) => open_with_password(&app, &request, owner, Opening::TakeBack).await.map(Json),
        Restore::Link(link) => {
            let account = open_with_link(&app, &Client::of(&request), &link.token).await?;
            Ok(Json(AccountState::from(&account)))
        }
    }
}

/// Opens the account that the link was mailed for, for the JSON operation and for the page.
pub(super) async fn open_with_link(app: &App, client: &Client, token: &str) -> Result<Account, OpenError> {
    let token = MailedToken::parse(token).ok_or(OpenError::Invalid)?;
    let user = owner_of_link(app, &token).await?;
    match open(app, client, (user, user), Opening::Link(&token)).await {
        Err(OpenError::Unknown) => Err(OpenError::Invalid),
        opened => opened,
    }
}
