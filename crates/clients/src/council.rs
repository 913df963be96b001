use std::time::Duration;

use serde::{Deserialize, Serialize};
use witan_ids::{RunId, UserId, WorkspaceId};

use crate::ClientError;
use crate::channel::Channel;

/// A whole run: answers, critique and synthesis.
const DEADLINE: Duration = Duration::from_secs(150);

/// The council service's internal API.
#[derive(Debug, Clone)]
pub struct CouncilClient(pub(crate) Channel);

/// A question to the council on somebody's behalf.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouncilQuestion {
    /// Whose plan pays.
    pub workspace_id: WorkspaceId,
    /// Who asks.
    pub user_id: UserId,
    /// Such as `finance`.
    pub agent: String,
    /// The question, at most 10 KB.
    pub prompt: String,
    /// What the council should know besides, such as the conversation so far.
    pub context: Option<String>,
}

/// The council's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CouncilAnswer {
    /// The run, which tells the rest.
    pub id: RunId,
    /// The synthesis, or the top answer where none could be written.
    pub answer: String,
    /// Whether members were missing.
    pub degraded: bool,
}

impl CouncilClient {
    /// `POST /internal/runs`: asks and waits.
    ///
    /// # Errors
    /// When the council refuses (402 over the plan's limit among them), fails or does not answer.
    pub async fn run(&self, question: &CouncilQuestion) -> Result<CouncilAnswer, ClientError> {
        self.0.post("/internal/runs", question, DEADLINE).await
    }
}
