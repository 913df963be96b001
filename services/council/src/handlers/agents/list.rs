use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::AgentId;
use witan_pg::TenantTx;
use witan_web::{Page, Result, State, Tenant};

use crate::app::App;
use crate::domain::agent::{self, Brief, Criterion};
use crate::domain::mode::Mode;
use crate::store::agents::{Current, agent_list};

/// Somebody to ask.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agent {
    /// Its name in requests.
    #[schema(example = "finance")]
    agent: String,
    /// Of an agent of the workspace's own; null for those of the product.
    id: Option<AgentId>,
    /// Of an agent of the workspace's own.
    version: Option<i32>,
    /// Its name for people.
    #[schema(example = "Finance")]
    name: String,
    /// What it is good for.
    about: String,
    /// By what answers are judged.
    criteria: Vec<Criterion>,
    /// How it comes to answers, unless a question wants otherwise.
    mode: Mode,
    /// The models that sit in its council, in the order of the seats.
    #[schema(example = json!(["sim/alpha", "sim/beta", "sim/gamma"]))]
    members: Vec<String>,
    /// How many of them must answer; null for more than half.
    quorum: Option<usize>,
}

/// Lists the agents that can be asked: those of the product, then the workspace's own by name; all on one page.
#[utoipa::path(get, path = "/api/v1/agents", operation_id = "listAgents", tag = "agents",
    responses((status = 200, description = "Agents", body = Page<Agent>)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Page<Agent>> {
    let list = async |tx: &mut TenantTx<'_>| agent_list(tx).await;
    let own = app.pg.tenant_read("agent.list", tenant.workspace_id, list).await?;
    let product = agent::AGENTS.iter().map(|known| {
        let (name, about) = (known.name.to_owned(), known.about.to_owned());
        show(known.slug.to_owned(), None, name, about, app.council.brief(known))
    });
    let own = own.into_iter().map(|(agent, version): Current| {
        let custom = version.custom();
        let (name, about) = (custom.name.clone(), custom.about.clone());
        let brief = custom.brief(app.council.usual());
        show(agent.slug, Some((agent.id, agent.version)), name, about, brief)
    });
    Ok(Page::whole(product.chain(own).collect()))
}

fn show(agent: String, own: Option<(AgentId, i32)>, name: String, about: String, brief: Brief) -> Agent {
    let (id, version) = own.unzip();
    let Brief { instructions: _, criteria, mode, council } = brief;
    Agent {
        agent,
        id,
        version,
        name,
        about,
        criteria,
        mode,
        members: council.members,
        quorum: council.quorum,
    }
}
