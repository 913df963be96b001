//! Whether a project that somebody names is there: asked of tenancy whenever one is used.

use witan_ids::{ProjectId, WorkspaceId};
use witan_web::{Problem, Violations, codes};

use crate::app::App;

/// Refuses what is no project of the workspace.
pub(crate) async fn check(
    app: &App,
    workspace: WorkspaceId,
    project: Option<ProjectId>,
) -> Result<(), Problem> {
    let Some(id) = project else { return Ok(()) };
    let found = app.peers.tenancy.project(workspace, id).await;
    match found.map_err(|error| Problem::new(&codes::DEPENDENCY_UNAVAILABLE).source(error))? {
        Some(_) => Ok(()),
        None => Err(unknown()),
    }
}

/// There is no such project, or not any longer.
pub(crate) fn unknown() -> Problem {
    let mut violations = Violations::new();
    violations.push("/projectId", "validation.not_found", "there is no such project");
    violations.into()
}
