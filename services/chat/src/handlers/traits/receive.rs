use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use witan_ids::WorkspaceId;
use witan_inbound::{Arrival, Key, Received, Scheme, receive};
use witan_pg::TenantTx;
use witan_web::{Accepted, Problem, ProblemBody, Query, Raw, State};

use crate::app::App;
use crate::jobs::traits::SOURCE;
use crate::store::personas::persona_named;
use crate::store::trait_secrets::trait_secret_live;

/// Where the traits go.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct To {
    /// The workspace whose secret signs.
    workspace_id: WorkspaceId,
}

/// What is known of a persona; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PersonaTraits {
    /// Which persona of the workspace.
    #[schema(min_length = 1, max_length = 100, example = "Our own CFO")]
    pub(crate) name: String,
    /// As of when this is. What is older than what came before changes nothing.
    #[schema(nullable = false, example = "2026-11-21T12:00:00Z")]
    pub(crate) as_of: Option<DateTime<Utc>>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub(crate) role: Option<String>,
    #[schema(max_length = 2000, nullable = false)]
    pub(crate) about: Option<String>,
    #[schema(max_items = 30, nullable = false)]
    pub(crate) traits: Option<Vec<String>>,
    #[schema(max_items = 30, nullable = false)]
    pub(crate) expertise: Option<Vec<String>>,
    /// How they speak.
    #[schema(max_length = 1000, nullable = false)]
    pub(crate) style: Option<String>,
    #[schema(max_items = 30, nullable = false)]
    pub(crate) pain_points: Option<Vec<String>>,
    #[schema(max_items = 30, nullable = false)]
    pub(crate) responsibilities: Option<Vec<String>>,
}

/// That it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TraitsReceived {
    /// The `webhook-id`.
    #[schema(example = "msg_2b6kVqP1Zr")]
    id: String,
    /// Whether it had come before, so that nothing more is done.
    repeated: bool,
}

/// Takes traits of a persona.
///
/// Signed by [Standard Webhooks](https://www.standardwebhooks.com) (`webhook-id`, `webhook-timestamp`, `webhook-signature` with `v1`)
/// with the workspace's secret. What is answered with 202 will be done, once, however often it is sent; the same id with another
/// body is refused. Personas are found by their name; the platform's cannot be changed.
#[utoipa::path(post, path = "/api/v1/webhooks/traits", operation_id = "receivePersonaTraits", tag = "inbound",
    params(To), request_body = PersonaTraits, responses(
        (status = 202, description = "It will be done", body = TraitsReceived),
        (status = 401, description = "The signature does not hold, or is too old; or the workspace has no secret.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "The workspace has no persona of this name.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The id came before with another body.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    Query(to): Query<To>,
    request: Raw,
) -> Result<Accepted<TraitsReceived>, Problem> {
    let keys = keys(&app, to.workspace_id).await?;
    let signed = Scheme::StandardWebhooks.verify(&request, &keys, app.clock.now())?;
    let traits: PersonaTraits = request.json()?;
    let id = signed.id.unwrap_or_default();
    let arrival = Arrival { event_id: &id, body: &request.body, signed_at: signed.at };
    let keep = async |tx: &mut TenantTx<'_>| -> Result<Received, Problem> {
        let received = receive(tx, &app.clock, SOURCE, arrival).await?;
        // Of what was taken once the persona may have another name by now.
        if received != Received::Repeated && persona_named(tx, &traits.name).await?.is_none() {
            return Err(Problem::not_found().detail("The workspace has no persona of this name."));
        }
        Ok(received)
    };
    let received = app.pg.tenant("traits.receive", to.workspace_id, keep).await?;
    let body = TraitsReceived { id: id.clone(), repeated: received == Received::Repeated };
    Ok(Accepted { location: None, body })
}

/// The secrets that are in force. A workspace that has none, or does not exist, is answered like one with others.
async fn keys(app: &App, workspace: WorkspaceId) -> Result<Vec<Key>, Problem> {
    let now = app.clock.now();
    let live = async |tx: &mut TenantTx<'_>| trait_secret_live(tx, now).await;
    let rows = app.pg.tenant_read("traits.secrets", workspace, live).await?;
    let opened = rows.iter().map(|row| app.seals.open_trait_secret(workspace, row.id, &row.sealed));
    opened.map(|secret| Ok(Key::shared(secret.map_err(Problem::internal)?.bytes()))).collect()
}
