use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::IdentityId;
use witan_web::{Caller, Json, Problem, State};

use crate::app::App;
use crate::store::identities::identity_list;

/// An account at another provider.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    /// The link.
    id: IdentityId,
    /// The provider.
    #[schema(example = "https://accounts.google.com")]
    issuer: String,
    /// The address that it had there when it was linked.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// When it was linked.
    linked_at: DateTime<Utc>,
    /// When it was last used to log in.
    last_used_at: DateTime<Utc>,
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identities {
    /// In the order they were linked; one a provider.
    data: Vec<Identity>,
}

/// Lists the accounts at other providers that open the caller's.
#[utoipa::path(get, path = "/api/v1/users/me/identities", operation_id = "listIdentities", tag = "users",
    responses((status = 200, description = "Linked accounts", body = Identities)))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<Json<Identities>, Problem> {
    caller.session()?;
    let user = caller.user_id;
    let rows = app.pg.read("identity.list", async |conn| identity_list(conn, user).await).await?;
    let data = rows.into_iter().map(|row| Identity {
        id: row.id,
        issuer: row.issuer,
        email: row.email,
        linked_at: row.linked_at.trunc_subsecs(3),
        last_used_at: row.last_used_at.trunc_subsecs(3),
    });
    Ok(Json(Identities { data: data.collect() }))
}
