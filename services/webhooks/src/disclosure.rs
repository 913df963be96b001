//! Telling people what is held of them: what `jobs::held` removes.

pub(crate) mod workspace;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use witan_ids::{EventId, UserId, WorkspaceId};
use witan_pg::{Pg, PgError, SystemTx, TenantTx};
use witan_web::{Discloser, Lines, Problem};

use crate::store::held::{HeldDelivery, HeldMessage, held_deliveries, held_messages};
use crate::store::mentions::places;

/// All of it: the messages that name them, and where those went.
pub(crate) struct Disclosure(pub(crate) Pg);

/// What partners answered is left out: it is theirs, and nothing was said in it of the person by us.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: EventId,
    event_type: String,
    subject: Option<String>,
    body: Value,
    occurred_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    deliveries: Vec<HeldDelivery>,
}

#[async_trait]
impl Discloser for Disclosure {
    async fn disclose(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let places = async |tx: &mut SystemTx<'_>| places(tx, user).await;
        for workspace in self.0.tx("held.places", places).await? {
            self.messages(user, workspace, lines).await?;
        }
        Ok(())
    }
}

impl Disclosure {
    async fn messages(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let mut after = Some(EventId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
                let messages = held_messages(tx, user, last).await?;
                let ids: Vec<EventId> = messages.iter().map(|message| message.id).collect();
                Ok((messages, held_deliveries(tx, &ids).await?))
            };
            let (messages, mut deliveries) = self.0.tenant_read("held.messages", workspace, page).await?;
            let mut told = Vec::with_capacity(messages.len());
            for message in messages {
                let own = deliveries.extract_if(.., |delivery| delivery.message_id == message.id).collect();
                told.push(tell(user, message, own)?);
            }
            after = lines.page("webhookMessage", Some(workspace), &told).await?.map(|row| row.id);
        }
        Ok(())
    }
}

fn tell(user: UserId, message: HeldMessage, deliveries: Vec<HeldDelivery>) -> Result<Told, Problem> {
    let mut body = serde_json::from_slice(&message.body).map_err(Problem::internal)?;
    leave_out_others(user, &mut body);
    let subject = Some(message.subject).filter(|subject| !is_other(user, subject));
    Ok(Told {
        id: message.id,
        event_type: message.event_type,
        subject,
        body,
        occurred_at: message.occurred_at,
        created_at: message.created_at,
        deliveries,
    })
}

/// Whoever else an event names is not for this person to know.
fn leave_out_others(user: UserId, value: &mut Value) {
    match value {
        Value::String(text) if is_other(user, text) => *value = Value::Null,
        Value::Array(values) => values.iter_mut().for_each(|value| leave_out_others(user, value)),
        Value::Object(members) => members.values_mut().for_each(|value| leave_out_others(user, value)),
        _ => {}
    }
}

fn is_other(user: UserId, text: &str) -> bool {
    text.parse().is_ok_and(|named: UserId| named != user)
}
