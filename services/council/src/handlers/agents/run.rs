use witan_web::{Body, Json, Result, State, Tenant};

use super::input::RunAgent;
use crate::app::App;
use crate::handlers::runs::show;
use crate::handlers::runs::view::Run;
use crate::runs::ask;

/// Asks the council and waits for its answer.
///
/// Members answer alone, review each other without names, and a chair writes the answer; `mode` may ask for less. The run
/// tells who took part, how the answers were ranked, where they disagree, and what it took. Should the connection break,
/// the run goes on and is found among the runs.
#[utoipa::path(post, path = "/api/v1/agents/run", operation_id = "runAgent", tag = "agents",
    request_body = RunAgent, responses(
        (status = 200, description = "The finished run", body = Run),
        (status = 402, description = "The plan allows no more runs in this period."),
        (status = 502, description = "Too few members of the council answered."),
    ))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, Body(body): Body<RunAgent>) -> Result<Json<Run>> {
    let asked = body.understood(&app, &tenant).await?;
    let id = ask(&app, asked).await?;
    show::find(&app, tenant.workspace_id, id).await.map(Json)
}
