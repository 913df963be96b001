//! What people send about a persona's backend, parsed.

use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;
use witan_egress::{EgressError, SigningSecret};
use witan_ids::{PersonaId, WorkspaceId};
use witan_web::Violations;

use crate::app::App;
use crate::domain::state::BackendKind;

/// Who answers: a model, a webhook of the workspace's own, or the council.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PersonaBackendInput)]
pub(crate) struct BackendInput {
    kind: BackendKind,
    /// For `MODEL`: one of the registry; the default one if missing.
    #[schema(max_length = 100, nullable = false)]
    model: Option<String>,
    /// For `WEBHOOK`. HTTPS in production, and never a private address.
    #[schema(max_length = 2048, nullable = false, example = "https://n8n.example/webhook/maren")]
    url: Option<String>,
    /// For `COUNCIL`: an agent, such as `finance`.
    #[schema(max_length = 100, nullable = false)]
    agent: Option<String>,
}

/// A backend that can be stored.
#[derive(Debug, Clone)]
pub(super) enum Parsed {
    Model(Option<String>),
    Webhook(Url),
    Council(String),
}

/// A backend as its columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) backend: &'static str,
    pub(super) model: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) url_sealed: Option<Vec<u8>>,
    pub(super) url_host: Option<String>,
    pub(super) secret_sealed: Option<Vec<u8>>,
}

pub(super) async fn backend(app: &App, violations: &mut Violations, input: &BackendInput) -> Option<Parsed> {
    superfluous(violations, input);
    match input.kind {
        BackendKind::Model => model(app, violations, input.model.as_deref()),
        BackendKind::Council => match &input.agent {
            Some(agent) => Some(Parsed::Council(agent.clone())),
            None => missing(violations, "/backend/agent"),
        },
        BackendKind::Webhook => match &input.url {
            Some(url) => webhook(app, violations, url).await.map(Parsed::Webhook),
            None => missing(violations, "/backend/url"),
        },
    }
}

/// What would be ignored is named, because somebody meant something by it.
fn superfluous(violations: &mut Violations, input: &BackendInput) {
    let members = [
        ("model", input.model.is_some(), BackendKind::Model),
        ("url", input.url.is_some(), BackendKind::Webhook),
        ("agent", input.agent.is_some(), BackendKind::Council),
    ];
    for (name, given, kind) in members {
        if given && kind != input.kind {
            let detail = format!("belongs to {} only", kind.as_str());
            violations.push(format!("/backend/{name}"), "validation.unknown_member", detail);
        }
    }
}

fn missing(violations: &mut Violations, pointer: &str) -> Option<Parsed> {
    violations.push(pointer, "validation.required", "is required for this kind");
    None
}

fn model(app: &App, violations: &mut Violations, model: Option<&str>) -> Option<Parsed> {
    if model.is_some_and(|model| app.models.get(model).is_none()) {
        violations.push("/backend/model", "validation.unknown", "there is no such model");
        return None;
    }
    Some(Parsed::Model(model.map(str::to_owned)))
}

async fn webhook(app: &App, violations: &mut Violations, text: &str) -> Option<Url> {
    let url =
        violations.parse("/backend/url", Url::parse(text).map_err(|_| "must be an absolute https URL"))?;
    match app.guarded.check_address(&url).await {
        Ok(()) => Some(url),
        Err(error) => {
            let blocked = matches!(error, EgressError::Blocked);
            let code = if blocked { "validation.blocked_address" } else { "validation.url" };
            violations.push("/backend/url", code, error.to_string());
            None
        }
    }
}

/// The columns of a backend; with `secret`, those of a webhook that is new.
pub(super) fn columns(
    app: &App,
    workspace: WorkspaceId,
    id: PersonaId,
    parsed: &Parsed,
    secret: Option<&SigningSecret>,
) -> Columns {
    match parsed {
        Parsed::Model(model) => {
            Columns { backend: BackendKind::Model.as_str(), model: model.clone(), ..Columns::default() }
        }
        Parsed::Council(agent) => Columns {
            backend: BackendKind::Council.as_str(),
            agent: Some(agent.clone()),
            ..Columns::default()
        },
        Parsed::Webhook(url) => Columns {
            backend: BackendKind::Webhook.as_str(),
            url_sealed: Some(app.seals.seal_url(workspace, id, url)),
            url_host: Some(url.host_str().unwrap_or_default().to_owned()),
            secret_sealed: secret.map(|secret| app.seals.seal_secret(workspace, id, secret)),
            ..Columns::default()
        },
    }
}

/// A new secret, for a webhook.
pub(super) fn new_secret(app: &App, parsed: &Parsed) -> Option<SigningSecret> {
    matches!(parsed, Parsed::Webhook(_)).then(|| SigningSecret::generate(&app.clock))
}
