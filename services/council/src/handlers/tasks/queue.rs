use witan_web::{Accepted, Body, Result, State, Tenant};

use super::show;
use super::view::Task;
use crate::app::App;
use crate::handlers::agents::input::RunAgent;
use crate::runs::queue;

/// Asks the council without waiting for its answer.
///
/// The answer comes once the question is stored: it is worked on whatever happens to this process or any other. Look at the
/// task, follow its stream, or stop it.
#[utoipa::path(post, path = "/api/v1/agents/queue", operation_id = "queueAgent", tag = "tasks",
    request_body = RunAgent, responses(
        (status = 202, description = "The task, which waits or is under way", body = Task),
        (status = 402, description = "The plan allows no more runs in this period, or the budget none at all."),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(body): Body<RunAgent>,
) -> Result<Accepted<Task>> {
    let asked = body.understood(&app, &tenant).await?;
    let id = queue(&app, asked).await?;
    let body = show::find(&app, tenant.workspace_id, id).await?;
    Ok(Accepted { location: Some(format!("/api/v1/agents/tasks/{id}")), body })
}
