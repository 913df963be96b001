//! Telling a workspace what is held of it: what its deletion removes.

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{ConversationId, MessageId, PersonaId, WorkspaceId};
use witan_inbound::told;
use witan_pg::{Pg, TenantTx};
use witan_web::{Lines, Problem, WorkspaceDiscloser};

use crate::handlers::conversations::view::{Conversation, Message};
use crate::handlers::personas::view::Persona;
use crate::jobs::traits::SOURCE;
use crate::store::held::{kept_conversations, kept_messages, kept_personas};

/// All of it, as the API shows it to whom it is shown: no secrets of personas, and of streams only their answers.
pub(crate) struct WorkspaceDisclosure(pub(crate) Pg);

#[async_trait]
impl WorkspaceDiscloser for WorkspaceDisclosure {
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(PersonaId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_personas(tx, last).await;
            let rows = self.0.tenant_read("kept.personas", workspace, page).await?;
            let rows: Vec<Persona> = rows.into_iter().map(Persona::from).collect();
            after = lines.page("persona", None, &rows).await?.map(|row| row.id);
        }
        let mut after = Some(String::new());
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| told(tx, SOURCE, &last).await;
            let rows = self.0.tenant_read("kept.received_traits", workspace, page).await?;
            after = lines.page("receivedTraits", None, &rows).await?.map(|row| row.event_id.clone());
        }
        let mut after = Some(ConversationId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_conversations(tx, last).await;
            let rows = self.0.tenant_read("kept.conversations", workspace, page).await?;
            let rows: Vec<Conversation> = rows.into_iter().map(Conversation::from).collect();
            after = lines.page("conversation", None, &rows).await?.map(|row| row.id);
            for conversation in rows {
                self.messages(workspace, conversation.id, lines).await?;
            }
        }
        Ok(())
    }
}

impl WorkspaceDisclosure {
    async fn messages(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let mut after = Some(MessageId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_messages(tx, conversation, last).await;
            let rows = self.0.tenant_read("kept.messages", workspace, page).await?;
            let rows: Vec<Message> = rows.into_iter().map(Message::from).collect();
            after = lines.page("message", None, &rows).await?.map(|row| row.id);
        }
        Ok(())
    }
}
