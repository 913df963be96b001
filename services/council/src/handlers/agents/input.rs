//! What people ask, read.

use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, ProjectId, RunId, StartupId, WorkspaceId};
use witan_web::{Problem, Result, Tenant, Violations, codes};

use crate::agents::{self, Seated};
use crate::app::App;
use crate::domain::budget::RunBudget;
use crate::domain::mode::Mode;
use crate::domain::sitting::Wish;
use crate::domain::startup::Profile;
use crate::projects;
use crate::runs::Asked;
use crate::sessions;

/// Of a prompt, in bytes.
const MAX_PROMPT: usize = 10 * 1024;
const MAX_OPTION: usize = 200;

/// A question to the council.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RunAgent {
    /// Whom to ask: `legal`, `finance`, `investor`, `competitor`, or one of the workspace's own.
    #[schema(min_length = 1, max_length = 60, example = "finance")]
    pub(crate) agent: String,
    /// The question, up to 10 KB.
    #[schema(
        min_length = 1,
        max_length = 10240,
        example = "How many months of runway should we raise for, and why?"
    )]
    pub(crate) prompt: String,
    /// How to come to an answer; as the agent does unless told.
    #[schema(nullable = false)]
    pub(crate) mode: Option<Mode>,
    /// For `SINGLE` and `SELF_ENSEMBLE`: the model to ask; the agent's first member unless told.
    #[schema(max_length = 100, nullable = false, example = "sim/alpha")]
    pub(crate) model: Option<String>,
    /// For `SELF_ENSEMBLE`: how often to ask it; 3 unless told.
    #[schema(minimum = 2, maximum = 9, nullable = false)]
    pub(crate) samples: Option<usize>,
    /// For `VOTE`: the answers to choose between; any short answer unless told.
    #[schema(min_items = 2, max_items = 20, nullable = false, example = json!(["yes", "no"]))]
    pub(crate) options: Option<Vec<String>>,
    /// A start-up of the workspace whose profile the council should know.
    pub(crate) startup_id: Option<StartupId>,
    /// Or a profile for this question alone.
    pub(crate) startup: Option<Profile>,
    /// The project that the run belongs to.
    #[schema(nullable = false)]
    pub(crate) project_id: Option<ProjectId>,
    /// One of one's own sessions: the council is told what was said in it, and question and answer become part of it.
    #[schema(nullable = false)]
    pub(crate) session_id: Option<AgentSessionId>,
    /// What the council should know besides, such as what was discussed before.
    #[schema(max_length = 20000)]
    pub(crate) context: Option<String>,
    /// What the run may take at most; the operator's limits hold besides.
    #[serde(default)]
    pub(crate) budget: RunBudget,
    /// The run that starts this one: the budget is taken from what that one has left.
    #[schema(nullable = false)]
    pub(crate) parent_run_id: Option<RunId>,
}

impl RunAgent {
    /// The question as it can be asked.
    pub(crate) async fn understood(self, app: &App, tenant: &Tenant) -> Result<Asked> {
        let workspace_id = tenant.workspace_id;
        let mut violations = Violations::new();
        violations.parse("/prompt", good_prompt(&self.prompt));
        if self.startup.is_some() && self.startup_id.is_some() {
            violations.push("/startup", "validation.invalid", "give either `startup` or `startupId`");
        }
        let options = self.options.unwrap_or_default();
        if options.iter().any(|option| option.chars().count() > MAX_OPTION) {
            violations.push("/options", "validation.max_length", "none may have more than 200 characters");
        }
        let wish = Wish { mode: self.mode, model: self.model, samples: self.samples, options };
        let seated = agents::seat(app, workspace_id, &self.agent, wish, &mut violations).await?;
        let Seated { slug, version, sitting } = violations.build(|| seated)?;
        projects::check(app, workspace_id, self.project_id).await?;
        let profile = match self.startup_id {
            Some(id) => Some(profile(app, workspace_id, id).await?),
            None => self.startup.as_ref().map(Profile::text),
        };
        let session = match self.session_id {
            Some(id) => Some(sessions::read(app, tenant, id, &sitting).await?),
            None => None,
        };
        // What is to be summarised first is told once it is.
        let told = session.as_ref().filter(|session| session.outline.is_none());
        let told = told.and_then(|session| session.text.clone());
        let context: Vec<String> = [told, self.context].into_iter().flatten().collect();
        Ok(Asked {
            workspace_id,
            user_id: tenant.user_id,
            asked_by: None,
            agent: slug,
            agent_version: version,
            sitting,
            prompt: self.prompt,
            startup_id: self.startup_id,
            project_id: self.project_id,
            chat: None,
            profile,
            session,
            context: (!context.is_empty()).then(|| context.join("\n\n")),
            budget: self.budget,
            parent: self.parent_run_id,
        })
    }
}

/// Whether there is a question, and not too long a one: characters may take several bytes each.
pub(crate) fn good_prompt(prompt: &str) -> std::result::Result<(), &'static str> {
    if prompt.trim().is_empty() {
        return Err("must not be blank");
    }
    if prompt.len() > MAX_PROMPT { Err("must not be longer than 10,240 bytes in UTF-8") } else { Ok(()) }
}

/// What the models are told of the company.
async fn profile(app: &App, workspace: WorkspaceId, id: StartupId) -> Result<String> {
    let found = app.peers.tenancy.startup(workspace, id).await;
    match found.map_err(|error| Problem::new(&codes::DEPENDENCY_UNAVAILABLE).source(error))? {
        Some(startup) => Ok(Profile::from(startup).text()),
        None => {
            let mut violations = Violations::new();
            violations.push("/startupId", "validation.not_found", "there is no such start-up");
            Err(violations.into())
        }
    }
}
