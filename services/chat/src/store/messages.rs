use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{ConversationId, MessageId, StreamId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::state::{MessageState, Role};
use crate::schema::messages as table;

/// A message of a conversation.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct MessageRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: MessageId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) role: String,
    pub(crate) state: String,
    pub(crate) content: String,
    pub(crate) author_id: Option<UserId>,
    pub(crate) stream_id: Option<StreamId>,
    pub(crate) error_code: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

impl MessageRow {
    pub(crate) fn role(&self) -> Role {
        Role::from_column(&self.role)
    }

    pub(crate) fn state(&self) -> MessageState {
        MessageState::from_column(&self.state)
    }
}

/// How an answer ended.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
pub(crate) struct MessageEnd {
    pub(crate) state: String,
    pub(crate) content: String,
    pub(crate) error_code: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) input_tokens: Option<i64>,
    pub(crate) output_tokens: Option<i64>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

pub(crate) async fn message_insert(tx: &mut TenantTx<'_>, rows: &[MessageRow]) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn message_find(
    tx: &mut TenantTx<'_>,
    id: MessageId,
) -> Result<Option<MessageRow>, PgError> {
    let query = table::table.filter(table::id.eq(id)).select(MessageRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Newest first.
pub(crate) async fn message_list(
    tx: &mut TenantTx<'_>,
    conversation: ConversationId,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<MessageRow>, PgError> {
    let mut query = table::table
        .filter(table::conversation_id.eq(conversation))
        .select(MessageRow::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.order(table::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// The latest answer, finished or not.
pub(crate) async fn message_latest_answer(
    tx: &mut TenantTx<'_>,
    conversation: ConversationId,
) -> Result<Option<MessageRow>, PgError> {
    let query = table::table
        .filter(table::conversation_id.eq(conversation))
        .filter(table::role.eq(Role::Assistant.as_str()))
        .order(table::id.desc())
        .select(MessageRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn message_of_stream(
    tx: &mut TenantTx<'_>,
    stream: StreamId,
) -> Result<Option<MessageRow>, PgError> {
    let query = table::table.filter(table::stream_id.eq(stream)).select(MessageRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Ends an answer, unless it has ended: `None` then, and its writer must be silent.
pub(crate) async fn message_end(
    tx: &mut TenantTx<'_>,
    id: MessageId,
    end: &MessageEnd,
) -> Result<Option<MessageRow>, PgError> {
    let streaming =
        table::table.filter(table::id.eq(id)).filter(table::state.eq(MessageState::Streaming.as_str()));
    let ended =
        diesel::update(streaming).set(end).returning(MessageRow::as_returning()).get_result(tx.conn()).await;
    Ok(ended.optional()?)
}
