use serde::Serialize;
use utoipa::ToSchema;
use witan_web::{Page, Result, State};

use crate::app::App;
use crate::domain::agent;

/// Somebody to ask.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agent {
    /// Its name in requests.
    #[schema(example = "finance")]
    agent: &'static str,
    /// Its name for people.
    #[schema(example = "Finance")]
    name: &'static str,
    /// What it is good for.
    about: &'static str,
    /// By what answers are judged.
    criteria: Vec<Criterion>,
    /// The models that sit in its council, in the order of the seats.
    #[schema(example = json!(["sim/alpha", "sim/beta", "sim/gamma"]))]
    members: Vec<String>,
    /// How many of them must answer.
    quorum: usize,
}

/// Something by which an answer is judged.
#[derive(Serialize, ToSchema)]
pub(crate) struct Criterion {
    /// Its name in reviews.
    #[schema(example = "accuracy")]
    name: &'static str,
    /// What ten points take.
    meaning: &'static str,
}

/// Lists the agents that can be asked.
#[utoipa::path(get, path = "/api/v1/agents", operation_id = "listAgents", tag = "agents",
    responses((status = 200, description = "Agents", body = Page<Agent>)))]
pub(crate) async fn handle(app: State<App>) -> Result<Page<Agent>> {
    let show = |known: &agent::Agent| Agent {
        agent: known.slug,
        name: known.name,
        about: known.about,
        criteria: known.criteria.iter().map(|c| Criterion { name: c.name, meaning: c.meaning }).collect(),
        members: app.panel.members().to_vec(),
        quorum: app.panel.quorum(),
    };
    Ok(Page::whole(agent::AGENTS.iter().map(show).collect()))
}
