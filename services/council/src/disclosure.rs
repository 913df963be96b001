//! Telling people what is held of them: what `jobs::held` removes.

mod agents;
mod keys;
mod sessions;
pub(crate) mod workspace;

use async_trait::async_trait;
use serde::Serialize;
use uuid::Uuid;
use witan_ids::{RunId, UserId, WorkspaceId};
use witan_pg::{SystemTx, TenantTx};
use witan_web::{Discloser, Lines, Problem, codes};

use crate::app::App;
use crate::handlers::runs::show::find;
use crate::handlers::runs::view::Run;
use crate::store::erasure::places;
use crate::store::held::{HeldRun, held_runs};

/// All of it: their sessions and questions, with all that the council said to them, what they made of agents, and which keys
/// they gave.
pub(crate) struct Disclosure(pub(crate) App);

#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    shown: Run,
    #[serde(flatten)]
    more: HeldRun,
}

#[async_trait]
impl Discloser for Disclosure {
    async fn disclose(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let places = async |tx: &mut SystemTx<'_>| places(tx, user).await;
        for workspace in self.0.pg.tx("held.places", places).await? {
            self.runs(user, workspace, lines).await?;
            agents::agents(&self.0, workspace, Some(user), lines).await?;
            keys::keys(&self.0, workspace, Some(user), lines).await?;
            sessions::sessions(&self.0, workspace, Some(user), lines).await?;
        }
        Ok(())
    }
}

impl Disclosure {
    async fn runs(&self, user: UserId, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(RunId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_runs(tx, user, last).await;
            let rows = self.0.pg.tenant_read("held.runs", workspace, page).await?;
            after = rows.last().map(|row| row.id);
            for more in rows {
                tell(&self.0, workspace, Some(workspace), more.own(), lines).await?;
            }
        }
        Ok(())
    }
}

/// Tells of one run, with all that the council said.
async fn tell(
    app: &App,
    workspace: WorkspaceId,
    shown_as: Option<WorkspaceId>,
    more: HeldRun,
    lines: &mut Lines<'_>,
) -> Result<(), Problem> {
    match find(app, workspace, more.id).await {
        Ok(shown) => lines.page("run", shown_as, &[Told { shown, more }]).await.map(drop),
        // It went away since the page was read.
        Err(problem) if problem.code() == &codes::NOT_FOUND => Ok(()),
        Err(problem) => Err(problem),
    }
}
