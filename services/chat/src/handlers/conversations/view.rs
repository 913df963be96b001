use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{ConversationId, MessageId, PersonaId, ProjectId, UserId};

use crate::domain::state::{MessageState, Role, Visibility};
use crate::store::conversations::ConversationRow;
use crate::store::messages::MessageRow;

/// A conversation with a persona.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Conversation {
    pub(crate) id: ConversationId,
    /// Made from the first message, until somebody changes it.
    title: String,
    persona_id: PersonaId,
    /// As it was called when the conversation began.
    persona_name: String,
    /// The project that it belongs to, if any.
    #[schema(required)]
    project_id: Option<ProjectId>,
    owner_id: UserId,
    visibility: Visibility,
    archived: bool,
    created_at: DateTime<Utc>,
    /// When something was last said or changed.
    updated_at: DateTime<Utc>,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            visibility: row.visibility(),
            archived: row.archived_at.is_some(),
            id: row.id,
            title: row.title,
            persona_id: row.persona_id,
            persona_name: row.persona_name,
            project_id: row.project_id,
            owner_id: row.owner_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    conversation_id: ConversationId,
    role: Role,
    state: MessageState,
    /// Empty while it is being answered: the stream has it then.
    content: String,
    /// Who said it, if a person.
    #[schema(required)]
    author_id: Option<UserId>,
    /// Why it failed, as a problem's code.
    #[schema(required)]
    error_code: Option<String>,
    /// The model that answered, if one did.
    #[schema(required)]
    model: Option<String>,
    #[schema(required)]
    usage: Option<MessageUsage>,
    created_at: DateTime<Utc>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

/// Tokens of a model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageUsage {
    input_tokens: i64,
    output_tokens: i64,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let usage = row.input_tokens.zip(row.output_tokens);
        Self {
            role: row.role(),
            state: row.state(),
            id: row.id,
            conversation_id: row.conversation_id,
            content: row.content,
            author_id: row.author_id,
            error_code: row.error_code,
            model: row.model,
            usage: usage.map(|(input_tokens, output_tokens)| MessageUsage { input_tokens, output_tokens }),
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}
