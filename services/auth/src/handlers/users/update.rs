use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Json, Path, Problem, ProblemBody, State, Violations};

use super::standing::{close_other, open_other};
use super::view::{AdministeredUser, load};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::name::DisplayName;
use crate::events;
use crate::handlers::account::close::Closing;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::administration::administered_rename;
use crate::store::users::user_lock;

/// What changes; what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateUser {
    /// What others see.
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// Where it is to stand: the same as `suspendUser` and `reactivateUser`.
    #[schema(nullable = false)]
    state: Option<WantedState>,
}

/// Where an account can be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum WantedState {
    /// Open.
    Active,
    /// Closed by an administrator.
    Deactivated,
}

/// Changes an account.
///
/// The state first; when that is refused, nothing changes.
#[utoipa::path(patch, path = "/api/v1/users/{userId}", operation_id = "updateUser", tag = "user-administration",
    params(("userId" = UserId, Path, description = "The user")), request_body = UpdateUser, responses(
        (status = 200, description = "As it is now", body = AdministeredUser),
        (status = 409, description = "The account is not in a state for it, or a workspace would have no administrator.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Path(user): Path<UserId>,
    Body(wish): Body<UpdateUser>,
) -> Result<Json<AdministeredUser>, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.map(|name| violations.parse("/name", DisplayName::parse(&name)));
    violations.finish()?;
    match wish.state {
        Some(WantedState::Active) => open_other(&app, &client, &caller, user).await?,
        Some(WantedState::Deactivated) => {
            close_other(&app, &client, &caller, user, (Closing::Suspend, false)).await?;
        }
        None => {}
    }
    if let Some(name) = name.flatten() {
        rename(&app, &client, &caller, user, &name).await?;
    }
    load(&app, user).await.map(Json)
}

async fn rename(
    app: &App,
    client: &Client,
    caller: &Caller,
    user: UserId,
    name: &DisplayName,
) -> Result<(), Problem> {
    let change = async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> {
        let Some(held) = user_lock(tx, user).await? else { return Ok(false) };
        if held.name != name.as_str() {
            administered_rename(tx, user, name, app.clock.now()).await?;
            events::user_renamed(tx, &app.clock, user, name.as_str()).await?;
            queue_security_notice(tx, &app.clock, user, Topic::NameChanged, None).await?;
            let entry = Audit::new(Action::AccountChanged, caller.user_id).to(user).by(client);
            record(tx, &app.clock, entry.detail("changed", "name")).await?;
        }
        Ok(true)
    };
    match app.pg.tx("user.rename", change).await? {
        true => Ok(()),
        false => Err(Problem::not_found()),
    }
}
