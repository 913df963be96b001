//! Telling a workspace what is held of it: what its deletion removes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use witan_ids::{EndpointId, EventId, ReplayId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Lines, Problem, WorkspaceDiscloser};

use crate::app::App;
use crate::domain::mode::Mode;
use crate::handlers::replays::view::Replay;
use crate::store::endpoints::EndpointRow;
use crate::store::held::{HeldDelivery, held_deliveries, kept_endpoints, kept_messages};
use crate::store::replays::replay_after;

/// All of it, but for what opens something: signing secrets, the values of headers, and of an address all but its host.
/// What partners answered is left out, too: it is theirs.
pub(crate) struct WorkspaceDisclosure(pub(crate) App);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptEndpoint {
    id: EndpointId,
    mode: Mode,
    host: Option<String>,
    events: Vec<String>,
    description: String,
    header_names: Vec<String>,
    signature: String,
    public_key: Option<String>,
    rate_limit: Option<i32>,
    max_concurrency: Option<i32>,
    timeout_seconds: Option<i32>,
    retry_schedule: Option<Vec<i32>>,
    ordered: bool,
    verification: String,
    verified_at: Option<DateTime<Utc>>,
    state: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptMessage {
    id: EventId,
    event_type: String,
    subject: String,
    body: Value,
    occurred_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    deliveries: Vec<HeldDelivery>,
}

#[async_trait]
impl WorkspaceDiscloser for WorkspaceDisclosure {
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(EndpointId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_endpoints(tx, last).await;
            let rows = self.0.pg.tenant_read("kept.endpoints", workspace, page).await?;
            let told = rows.into_iter().map(|row| self.endpoint(row)).collect::<Result<Vec<_>, _>>()?;
            after = lines.page("webhookEndpoint", None, &told).await?.map(|row| row.id);
        }
        let mut after = Some(ReplayId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| replay_after(tx, last, Lines::PAGE).await;
            let rows = self.0.pg.tenant_read("kept.replays", workspace, page).await?;
            let told: Vec<Replay> = rows.into_iter().map(Replay::from).collect();
            after = lines.page("webhookReplay", None, &told).await?.map(|row| row.id);
        }
        let mut after = Some(EventId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let told = self.messages(workspace, last).await?;
            after = lines.page("webhookMessage", None, &told).await?.map(|row| row.id);
        }
        Ok(())
    }
}

impl WorkspaceDisclosure {
    fn endpoint(&self, row: EndpointRow) -> Result<KeptEndpoint, Problem> {
        let url = self.0.seals.open_url(&row).map_err(Problem::internal)?;
        let headers = self.0.seals.open_headers(&row).map_err(Problem::internal)?;
        Ok(KeptEndpoint {
            id: row.id,
            mode: Mode::of(row.state()),
            host: url.and_then(|url| url.host_str().map(str::to_owned)),
            events: row.events,
            description: row.description,
            header_names: headers.into_keys().collect(),
            signature: row.signature,
            public_key: row.public_key,
            rate_limit: row.rate_limit,
            max_concurrency: row.max_concurrency,
            timeout_seconds: row.timeout_seconds,
            retry_schedule: row.retry_seconds.clone(),
            ordered: row.ordered,
            verification: row.verification,
            verified_at: row.verified_at,
            state: row.state,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    async fn messages(&self, workspace: WorkspaceId, after: EventId) -> Result<Vec<KeptMessage>, Problem> {
        let page = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            let messages = kept_messages(tx, after).await?;
            let ids: Vec<EventId> = messages.iter().map(|message| message.id).collect();
            Ok((messages, held_deliveries(tx, &ids).await?))
        };
        let (messages, mut deliveries) = self.0.pg.tenant_read("kept.messages", workspace, page).await?;
        let mut told = Vec::with_capacity(messages.len());
        for message in messages {
            told.push(KeptMessage {
                deliveries: deliveries.extract_if(.., |one| one.message_id == message.id).collect(),
                body: serde_json::from_slice(&message.body).map_err(Problem::internal)?,
                id: message.id,
                event_type: message.event_type,
                subject: message.subject,
                occurred_at: message.occurred_at,
                created_at: message.created_at,
            });
        }
        Ok(told)
    }
}
