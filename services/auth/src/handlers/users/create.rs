use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Created, Problem, ProblemBody, State, Violations, codes};

use super::view::{AdministeredUser, load};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;
use crate::events;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_notice;
use crate::mail::MailKind;
use crate::store::administration::administered_insert;
use crate::store::users::user_announce;

/// Whose account it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateUser {
    /// The address of the account.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
    /// What others see.
    #[schema(min_length = 1, max_length = 100, example = "Ada")]
    name: String,
}

/// Makes an account for somebody.
///
/// They get a mail with a link. Who sets a password with it has proved the address, and the account is open. Until then
/// nobody can log in to it.
#[utoipa::path(post, path = "/api/v1/users", operation_id = "createUser", tag = "user-administration",
    request_body = CreateUser, responses(
        (status = 201, description = "Made", body = AdministeredUser),
        (status = 409, description = "The address has an account.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Body(wish): Body<CreateUser>,
) -> Result<Created<AdministeredUser>, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&wish.email));
    let name = violations.parse("/name", DisplayName::parse(&wish.name));
    let (email, name) = violations.build(|| email.zip(name))?;
    let create = async |tx: &mut SystemTx<'_>| -> Result<Option<UserId>, PgError> {
        let (id, now) = (UserId::generate(&app.clock), app.clock.now());
        let Some(id) = administered_insert(tx, id, &email, &name, now).await? else { return Ok(None) };
        if user_announce(tx, id).await? {
            events::user_registered(tx, &app.clock, id, email.as_str()).await?;
        }
        queue_notice(tx, &app.clock, id, MailKind::AccountCreated).await?;
        record(tx, &app.clock, Audit::new(Action::AccountCreated, caller.user_id).to(id).by(&client)).await?;
        Ok(Some(id))
    };
    let id = app.pg.tx("user.create", create).await?;
    let id = id.ok_or_else(|| Problem::new(&codes::auth::ADDRESS_TAKEN))?;
    Ok(Created { location: format!("/api/v1/users/{id}"), body: load(&app, id).await? })
}
