use witan_clock::Clock;
use witan_events::contracts::chat::v1::{ConversationCreated, MessageCreated};
use witan_events::publish;
use witan_ids::{ConversationId, MessageId, PersonaId, ProjectId, StreamId, UserId};
use witan_pg::{PgError, TenantTx};

use crate::domain::prompt::{Turn, recent};
use crate::domain::state::{MessageState, Role, Visibility};
use crate::domain::title;
use crate::store::conversations::{
    ConversationRow, conversation_find, conversation_insert, conversation_touch,
};
use crate::store::live_streams::{LiveStreamRow, live_stream_insert};
use crate::store::messages::{MessageRow, message_insert, message_list};

/// Earlier messages that are looked at; of them as many go along as fit.
const HISTORY: i64 = 50;

/// A message to a persona.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// What the message will be called; its place in the plan is reserved under this name.
    pub(crate) question: MessageId,
    pub(crate) user_id: UserId,
    pub(crate) persona_id: PersonaId,
    pub(crate) persona_name: String,
    /// None: a new conversation.
    pub(crate) conversation_id: Option<ConversationId>,
    /// What a new conversation belongs to.
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) text: String,
}

/// What was written before anybody was asked.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) conversation: ConversationId,
    pub(crate) owner: UserId,
    pub(crate) question: MessageId,
    pub(crate) answer: MessageRow,
    pub(crate) stream: StreamId,
    pub(crate) history: Vec<Turn>,
}

/// Writes the message and the empty answer. [`PgError::NotFound`] when there is no such conversation with this persona;
/// a conflict of `messages_one_answer` when it is being answered.
pub(crate) async fn begin(tx: &mut TenantTx<'_>, clock: &Clock, ask: &Ask) -> Result<Begun, PgError> {
    let (conversation, owner, history) = conversation(tx, clock, ask).await?;
    let stream = StreamId::generate(clock);
    let question = question(tx, clock, ask, conversation);
    let answer = answer(&question, MessageId::generate(clock), stream);
    message_insert(tx, &[question.clone(), answer.clone()]).await?;
    conversation_touch(tx, conversation, question.created_at).await?;
    let live = LiveStreamRow {
        stream_id: stream,
        tenant: tx.workspace_id(),
        message_id: answer.id,
        beat_at: question.created_at,
        stop_requested: false,
    };
    live_stream_insert(tx, &live).await?;
    let event = MessageCreated {
        workspace_id: tx.workspace_id().to_string(),
        conversation_id: conversation.to_string(),
        message_id: question.id.to_string(),
        persona_id: ask.persona_id.to_string(),
        role: "user".to_owned(),
        user_id: owner.to_string(),
    };
    publish(tx, clock, &event.conversation_id, &event).await?;
    Ok(Begun { conversation, owner, question: question.id, answer, stream, history })
}

async fn conversation(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    ask: &Ask,
) -> Result<(ConversationId, UserId, Vec<Turn>), PgError> {
    let Some(id) = ask.conversation_id else {
        let id = open(tx, clock, ask).await?;
        return Ok((id, ask.user_id, Vec::new()));
    };
    let found = conversation_find(tx, ask.user_id, id).await?;
    let found = found.filter(|found| found.persona_id == ask.persona_id).ok_or(PgError::NotFound)?;
    let mut said = message_list(tx, id, None, HISTORY).await?;
    said.reverse();
    let turns = said.into_iter().filter(|message| !message.content.is_empty());
    let turns = turns.map(|message| Turn { role: message.role(), content: message.content });
    Ok((id, found.owner_id, recent(turns.collect())))
}

async fn open(tx: &mut TenantTx<'_>, clock: &Clock, ask: &Ask) -> Result<ConversationId, PgError> {
    let (id, now) = (ConversationId::generate(clock), clock.now());
    let row = ConversationRow {
        workspace_id: tx.workspace_id(),
        id,
        owner_id: ask.user_id,
        persona_id: ask.persona_id,
        persona_name: ask.persona_name.clone(),
        title: title::from_message(&ask.text),
        project_id: ask.project_id,
        visibility: Visibility::Private.as_str().to_owned(),
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    conversation_insert(tx, &row).await?;
    let event = ConversationCreated {
        workspace_id: row.workspace_id.to_string(),
        conversation_id: id.to_string(),
        persona_id: ask.persona_id.to_string(),
        user_id: ask.user_id.to_string(),
    };
    publish(tx, clock, &event.conversation_id, &event).await?;
    Ok(id)
}

fn question(tx: &TenantTx<'_>, clock: &Clock, ask: &Ask, conversation: ConversationId) -> MessageRow {
    let now = clock.now();
    MessageRow {
        workspace_id: tx.workspace_id(),
        id: ask.question,
        conversation_id: conversation,
        role: Role::User.as_str().to_owned(),
        state: MessageState::Complete.as_str().to_owned(),
        content: ask.text.clone(),
        author_id: Some(ask.user_id),
        stream_id: None,
        error_code: None,
        model: None,
        input_tokens: None,
        output_tokens: None,
        created_at: now,
        finished_at: Some(now),
    }
}

fn answer(question: &MessageRow, id: MessageId, stream: StreamId) -> MessageRow {
    MessageRow {
        id,
        role: Role::Assistant.as_str().to_owned(),
        state: MessageState::Streaming.as_str().to_owned(),
        content: String::new(),
        author_id: None,
        stream_id: Some(stream),
        finished_at: None,
        ..question.clone()
    }
}
