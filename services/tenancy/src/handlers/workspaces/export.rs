use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::future::try_join_all;
use serde_json::Value;
use utoipa::ToSchema;
use witan_clients::{ClientError, Held, HolderClient};
use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{
    HttpRequest, HttpResponse, Lines, Problem, Produced, State, Tenant, WorkspaceDiscloser as _, Writer,
    codes,
};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::disclosure::workspace::WorkspaceDisclosure;

/// When to ask again for what a service did not tell.
const SOON: Duration = Duration::from_secs(5);

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
    let told = try_join_all(app.peers.keepers.iter().map(|keeper| ask(keeper, workspace))).await?;
    let own = WorkspaceDisclosure(app.pg.clone());
    let write = async move |out: &mut Writer| write(out, workspace, now, &own, told).await;
    let export = Produced::begin(write).await?;
    let by = Author::of(&request, tenant.user_id);
    let note = async |tx: &mut TenantTx<'_>| {
        audit::record(tx, &app.clock, &by, Entry::new("WORKSPACE_EXPORTED", workspace)).await
    };
    app.pg.tenant("workspace.export", workspace, note).await?;
    let name = format!("attachment; filename=\"witan-workspace-{}.json\"", now.format("%Y-%m-%d"));
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json");
    answer.insert_header(("content-disposition", name)).insert_header(("cache-control", "no-store"));
    Ok(answer.body(export.into_body()))
}

async fn ask(keeper: &HolderClient, workspace: WorkspaceId) -> Result<(&'static str, Held), Problem> {
    let service = keeper.service();
    let held = keeper.held_of_workspace(workspace).await.map_err(|error| unavailable(service, error))?;
    Ok((service, held))
}

fn unavailable(service: &str, error: ClientError) -> Problem {
    let problem = Problem::new(&codes::tenancy::EXPORT_UNAVAILABLE).retry_after(SOON).source(error);
    problem.detail(format!("The service {service} does not tell what it holds."))
}

async fn write(
    out: &mut Writer,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
    own: &WorkspaceDisclosure,
    told: Vec<(&'static str, Held)>,
) -> Result<(), Problem> {
    let time = now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let head = format!("{{\"exportedAt\":\"{time}\",\"workspaceId\":\"{workspace}\",\n\"tenancy\":[");
    out.write(head.as_bytes()).await?;
    own.disclose(workspace, &mut Lines::elements(out)).await?;
    for (service, mut held) in told {
        out.write(format!("],\n\"{service}\":[").as_bytes()).await?;
        let mut lines = Lines::elements(out);
        while let Some(line) = held.next().await.map_err(|error| unavailable(service, error))? {
            lines.pass_on(&line).await?;
        }
    }
    out.write(b"],\n\"complete\":true}\n").await
}
