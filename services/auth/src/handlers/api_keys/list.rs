use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{ApiKeyId, WorkspaceId};
use witan_web::{Caller, Page, Paging, Problem, ProblemBody, Query, State};

use super::owner::owner;
use super::view::ApiKey;
use crate::app::App;
use crate::store::api_keys::api_key_list;

/// Whose keys to list.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ApiKeyQuery {
    /// A workspace whose members the caller manages; without one, the caller's own.
    workspace_id: Option<WorkspaceId>,
}

/// Lists API keys that are good, newest first.
#[utoipa::path(get, path = "/api/v1/api-keys", operation_id = "listApiKeys", tag = "api-keys",
    params(ApiKeyQuery, Paging), responses(
        (status = 200, description = "Keys, without the keys themselves", body = Page<ApiKey>),
        (status = 403, description = "The caller does not manage the workspace's members.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such workspace.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Query(query): Query<ApiKeyQuery>,
    paging: Paging,
) -> Result<Page<ApiKey>, Problem> {
    let (now, rows) = (app.clock.now(), paging.rows());
    let owner = owner(&app, &caller, query.workspace_id).await?;
    let list = ("auth.api_keys", caller.user_id, &query);
    let after: Option<ApiKeyId> = paging.position(&app.cursors, &list)?;
    let rows =
        app.pg.read("api_key.list", async |conn| api_key_list(conn, owner, after, rows, now).await).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&list, &row.id));
    Ok(page.map(ApiKey::of))
}
