use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{SessionId, UserId, WorkspaceId};
use witan_web::{Caller, Json, Problem, State, codes};

use crate::app::App;
use crate::domain::account::Account;
use crate::store::users::user_by_id;

/// The caller.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    /// The user.
    id: UserId,
    /// The address of the account.
    #[schema(example = "ada@example.org")]
    email: String,
    /// What others see.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// `ACTIVE`, or what it has become since the access token was issued.
    #[schema(example = "ACTIVE")]
    state: &'static str,
    /// The workspace that is meant where a request selects none.
    default_workspace_id: Option<WorkspaceId>,
    /// The log-in that asks; none for an API key.
    session_id: Option<SessionId>,
    /// When the account was registered.
    created_at: DateTime<Utc>,
}

/// Tells the caller who they are.
#[utoipa::path(get, path = "/api/v1/auth/me", operation_id = "getMe", tag = "auth",
    responses((status = 200, description = "The caller", body = Me)))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    let id = caller.user_id;
    let user = app
        .pg
        .read("me.show", async |conn| user_by_id(conn, id).await)
        .await?
        .ok_or_else(|| Problem::new(&codes::SESSION_ENDED))?;
    Ok(Json(Me {
        id: user.id,
        email: user.email,
        name: user.name,
        state: Account::from(user.account).state(),
        default_workspace_id: user.default_workspace,
        session_id: caller.session_id(),
        created_at: user.created_at.trunc_subsecs(3),
    }))
}
