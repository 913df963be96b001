use chrono::{DateTime, Utc};
use serde_json::Value;
use utoipa::ToSchema;
use witan_host::{Export, Subject};
use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{HttpRequest, HttpResponse, Lines, Problem, State, Tenant, WorkspaceDiscloser as _, codes};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::disclosure::workspace::WorkspaceDisclosure;

/// All that is held of a workspace, in every service. Each thing has a `kind`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is written piece by piece; this describes it")]
pub(crate) struct WorkspaceExport {
    exported_at: DateTime<Utc>,
    workspace_id: WorkspaceId,
    /// The workspace, its members, start-ups and projects.
    tenancy: Vec<Value>,
    /// Its API keys, without what is secret of them.
    auth: Vec<Value>,
    /// Personas, and everybody's conversations.
    chat: Vec<Value>,
    /// Questions, and what came of them.
    council: Vec<Value>,
    /// Endpoints, and what they were sent.
    webhooks: Vec<Value>,
    /// The plan, and what was used.
    billing: Vec<Value>,
    /// Always true, and the last thing: what ends without it was cut off.
    complete: bool,
}

/// Gives everything that a workspace has, everybody's conversations included.
///
/// Every service is asked before the answer begins. If one fails later, the connection is broken off.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/export", operation_id = "exportWorkspace",
    tag = "workspaces", params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses(
        (status = 200, description = "Everything", body = WorkspaceExport, headers(
            ("Content-Disposition" = String, description = "A name for the file"))),
        (status = 503, description = "A service does not tell what it holds; `detail` names it.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
) -> Result<HttpResponse, Problem> {
    let (workspace, now) = (tenant.workspace_id, app.clock.now());
    let code = &codes::tenancy::EXPORT_UNAVAILABLE;
    let told = Export::ask(&app.peers.keepers, Subject::Workspace(workspace), code).await?;
    let disclosure = WorkspaceDisclosure(app.pg.clone());
    let own = async move |lines: &mut Lines<'_>| disclosure.disclose(workspace, lines).await;
    let document = told.begin("tenancy", now, own).await?;
    let by = Author::of(&request, tenant.user_id);
    let note = async |tx: &mut TenantTx<'_>| {
        audit::record(tx, &app.clock, &by, Entry::new("WORKSPACE_EXPORTED", workspace)).await
    };
    app.pg.tenant("workspace.export", workspace, note).await?;
    Ok(Export::attachment(&format!("witan-workspace-{}.json", now.format("%Y-%m-%d")), document))
}
