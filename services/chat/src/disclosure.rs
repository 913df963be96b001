//! Telling people what is held of them: what `jobs::held` removes.

pub(crate) mod workspace;

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{ConversationId, MessageId, PersonaId, UserId, WorkspaceId};
use witan_pg::{Pg, SystemTx, TenantTx};
use witan_web::{Discloser, Lines, Problem};

use crate::handlers::conversations::view::{Conversation, Message};
use crate::handlers::personas::view::Persona;
use crate::store::erasure::places;
use crate::store::held::{held_contributions, held_conversations, held_messages, held_personas};

/// All of it, as the API shows it. The events of a stream are left out: they are its answer, in pieces.
pub(crate) struct Disclosure(pub(crate) Pg);

#[async_trait]
impl Discloser for Disclosure {
    async fn disclose(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let places = self.0.tx("held.places", async |tx: &mut SystemTx<'_>| places(tx, user).await).await?;
        for workspace in places {
            self.conversations(user, workspace, lines).await?;
            self.contributions(user, workspace, lines).await?;
            self.personas(user, workspace, lines).await?;
        }
        Ok(())
    }
}

impl Disclosure {
    async fn conversations(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let mut after = Some(ConversationId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_conversations(tx, user, last).await;
            let rows = self.0.tenant_read("held.conversations", workspace, page).await?;
            let rows: Vec<Conversation> = rows.into_iter().map(Conversation::from).collect();
            after = lines.page("conversation", Some(workspace), &rows).await?.map(|row| row.id);
            for conversation in rows {
                self.messages(user, workspace, conversation.id, lines).await?;
            }
        }
        Ok(())
    }

    async fn messages(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        conversation: ConversationId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let mut after = Some(MessageId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_messages(tx, user, conversation, last).await;
            let rows = self.0.tenant_read("held.messages", workspace, page).await?;
            let rows: Vec<Message> = rows.into_iter().map(Message::from).collect();
            after = lines.page("message", Some(workspace), &rows).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn contributions(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let mut after = Some(MessageId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_contributions(tx, user, last).await;
            let rows = self.0.tenant_read("held.contributions", workspace, page).await?;
            let rows: Vec<Message> = rows.into_iter().map(Message::from).collect();
            after = lines.page("message", Some(workspace), &rows).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn personas(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let mut after = Some(PersonaId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_personas(tx, user, last).await;
            let rows = self.0.tenant_read("held.personas", workspace, page).await?;
            let rows: Vec<Persona> = rows.into_iter().map(Persona::from).collect();
            after = lines.page("persona", Some(workspace), &rows).await?.map(|row| row.id);
        }
        Ok(())
    }
}
