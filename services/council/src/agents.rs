//! Whom a question is for, and who sits for it.

use witan_ids::{AgentId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, Violations};

use crate::app::App;
use crate::domain::agent::{self, Brief};
use crate::domain::sitting::{Sitting, Wish};
use crate::store::agents::{agent_find, agent_list, agent_named};

/// An agent that can be asked.
pub(crate) struct Chosen {
    pub(crate) slug: String,
    /// Of the workspace's own.
    pub(crate) version: Option<i32>,
    pub(crate) brief: Brief,
}

/// Who sits for a question.
pub(crate) struct Seated {
    pub(crate) slug: String,
    pub(crate) version: Option<i32>,
    pub(crate) sitting: Sitting,
}

/// The agent of this name: one of the product, or by slug or id one of the workspace's own.
pub(crate) async fn find(app: &App, workspace: WorkspaceId, name: &str) -> Result<Option<Chosen>, PgError> {
    if let Some(agent) = agent::find(name) {
        let brief = app.council.brief(agent);
        return Ok(Some(Chosen { slug: agent.slug.to_owned(), version: None, brief }));
    }
    let find = async |tx: &mut TenantTx<'_>| match name.parse::<AgentId>() {
        Ok(id) => agent_find(tx, id).await,
        Err(_) => agent_named(tx, name).await,
    };
    let found = app.pg.tenant_read("agent.choose", workspace, find).await?;
    Ok(found.map(|(agent, version)| {
        let brief = version.custom().brief(app.council.usual());
        Chosen { slug: agent.slug, version: Some(agent.version), brief }
    }))
}

/// The names of all agents that can be asked, the product's first.
pub(crate) async fn slugs(app: &App, workspace: WorkspaceId) -> Result<Vec<String>, PgError> {
    let list = async |tx: &mut TenantTx<'_>| agent_list(tx).await;
    let own = app.pg.tenant_read("agent.list", workspace, list).await?;
    let product = agent::AGENTS.iter().map(|known| known.slug.to_owned());
    Ok(product.chain(own.into_iter().map(|(agent, _)| agent.slug)).collect())
}

/// Who sits for a question to this agent; notes what cannot be.
pub(crate) async fn seat(
    app: &App,
    workspace: WorkspaceId,
    name: &str,
    wish: Wish,
    violations: &mut Violations,
) -> Result<Option<Seated>, Problem> {
    if wish.model.as_ref().is_some_and(|model| app.panel.models().get(model).is_none()) {
        violations.push("/model", "validation.unknown", "there is no such model");
    }
    let Some(Chosen { slug, version, brief }) = find(app, workspace, name).await? else {
        violations.push("/agent", "validation.invalid", "there is no such agent; `listAgents` tells them");
        return Ok(None);
    };
    let sitting = Sitting::new(brief, wish, app.council.limits());
    match sitting {
        Ok(sitting) => Ok(Some(Seated { slug, version, sitting })),
        Err(unfit) => {
            violations.push(unfit.pointer, "validation.invalid", unfit.why);
            Ok(None)
        }
    }
}
