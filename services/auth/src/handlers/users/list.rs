use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::UserId;
use witan_web::{Page, Paging, Problem, Query, State};

use super::view::{AdministeredUser, UserState};
use crate::app::App;
use crate::store::administration::{UserFilter, administered_list};

/// Which accounts to list.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    /// A part of the address or of the name.
    #[param(min_length = 1, max_length = 254, example = "ada")]
    search: Option<String>,
    /// Only those in this state.
    state: Option<UserState>,
}

/// Lists accounts, newest first.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "listUsers", tag = "user-administration",
    params(UserQuery, Paging),
    responses((status = 200, description = "Accounts", body = Page<AdministeredUser>)))]
pub(crate) async fn handle(
    app: State<App>,
    Query(query): Query<UserQuery>,
    paging: Paging,
) -> Result<Page<AdministeredUser>, Problem> {
    let search = query.search.clone().filter(|text| !text.trim().is_empty());
    let filter = UserFilter { search, state: query.state.map(UserState::as_str) };
    let list = ("auth.users", &query);
    let (before, rows): (Option<UserId>, _) = (paging.position(&app.cursors, &list)?, paging.rows());
    let found = app.pg.read("user.list", async |conn| administered_list(conn, &filter, before, rows).await);
    let page = Page::of(found.await?, paging.limit(), |row| app.cursors.encode(&list, &row.user.id));
    Ok(page.map(Into::into))
}
