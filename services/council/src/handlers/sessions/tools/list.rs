use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use witan_ids::AgentSessionId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Page, Paging, Path, Query, Result, State, Tenant};

use crate::app::App;
use crate::domain::session::ToolStatus;
use crate::handlers::sessions::show::find;
use crate::handlers::sessions::view::ToolCall;
use crate::store::session_tools::{ToolFilter, session_tool_list, session_tool_totals};

/// Which uses of tools to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ToolsQuery {
    /// Of this tool only.
    #[param(max_length = 120)]
    tool: Option<String>,
    /// Of this kind only.
    #[serde(rename = "type")]
    #[param(max_length = 40)]
    kind: Option<String>,
    /// That ended so only.
    #[param(inline)]
    status: Option<ToolStatus>,
}

/// Uses of tools, and how those of the whole session went.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolHistory {
    data: Vec<ToolCall>,
    #[schema(required)]
    next_cursor: Option<String>,
    summary: ToolSummary,
}

/// How all uses of tools in a session went, whatever is listed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolSummary {
    calls: i64,
    succeeded: i64,
    failed: i64,
    cancelled: i64,
    /// Of those that were not given up, the share that succeeded; null where there are none.
    success_rate: Option<f64>,
    /// How long they took on average; null where there are none.
    mean_duration_ms: Option<f64>,
}

/// Lists which tools were used in a session, oldest first.
#[utoipa::path(get, path = "/api/v1/sessions/{sessionId}/tools", operation_id = "listSessionTools", tag = "sessions",
    params(("sessionId" = AgentSessionId, Path, description = "The session"), ToolsQuery, Paging),
    responses((status = 200, description = "Uses of tools", body = ToolHistory)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
    Query(query): Query<ToolsQuery>,
    paging: Paging,
) -> Result<Json<ToolHistory>> {
    let ToolsQuery { tool, kind, status } = query;
    let filter = ToolFilter { tool, kind, status };
    let bound =
        ("session.tools", tenant.workspace_id, tenant.user_id, id, (&filter.tool, &filter.kind, status));
    let after: Option<i32> = paging.position(&app.cursors, &bound)?;
    find(&app, &tenant, id).await?;
    let list = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        let rows = session_tool_list(tx, id, &filter, after.unwrap_or_default(), paging.rows()).await?;
        Ok((rows, session_tool_totals(tx, id).await?))
    };
    let (rows, totals) = app.pg.tenant_read("session.tools", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.seq));
    let Page { data, next_cursor } = page.map(ToolCall::from);
    Ok(Json(ToolHistory { data, next_cursor, summary: ToolSummary::of(&totals) }))
}

impl ToolSummary {
    fn of(totals: &[(String, i64, i64)]) -> Self {
        let count = |status: ToolStatus| {
            totals.iter().find(|(known, _, _)| known == status.as_str()).map_or(0, |(_, count, _)| *count)
        };
        let (succeeded, failed) = (count(ToolStatus::Succeeded), count(ToolStatus::Failed));
        let cancelled = count(ToolStatus::Cancelled);
        let calls = succeeded + failed + cancelled;
        let total: i64 = totals.iter().map(|(_, _, total)| total).sum();
        let share = |part: i64, whole: i64| (whole > 0).then(|| part as f64 / whole as f64);
        Self {
            calls,
            succeeded,
            failed,
            cancelled,
            success_rate: share(succeeded, succeeded + failed),
            mean_duration_ms: share(total, calls),
        }
    }
}
