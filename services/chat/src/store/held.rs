//! What is held of a person or of a workspace, as they are told it. Row-level security adds the workspace.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{ConversationId, MessageId, PersonaId, UserId};
use witan_pg::{PgError, TenantTx, Tx as _};
use witan_web::Lines;

use super::conversations::ConversationRow;
use super::messages::MessageRow;
use super::personas::PersonaRow;
use crate::schema::{conversations, messages, personas};

/// A page of their conversations, those after `after`.
pub(crate) async fn held_conversations(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: ConversationId,
) -> Result<Vec<ConversationRow>, PgError> {
    let query = conversations::table
        .filter(conversations::owner_id.eq(user))
        .filter(conversations::id.gt(after))
        .order(conversations::id)
        .limit(Lines::PAGE)
        .select(ConversationRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// A page of what they and personas said in a conversation of theirs; what other people said there is not about them.
pub(crate) async fn held_messages(
    tx: &mut TenantTx<'_>,
    user: UserId,
    conversation: ConversationId,
    after: MessageId,
) -> Result<Vec<MessageRow>, PgError> {
    let query = messages::table
        .filter(messages::conversation_id.eq(conversation))
        .filter(messages::author_id.is_null().or(messages::author_id.eq(user)))
        .filter(messages::id.gt(after))
        .order(messages::id)
        .limit(Lines::PAGE)
        .select(MessageRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// A page of what they said in conversations of others.
pub(crate) async fn held_contributions(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: MessageId,
) -> Result<Vec<MessageRow>, PgError> {
    let elsewhere = conversations::table
        .filter(conversations::id.eq(messages::conversation_id))
        .filter(conversations::owner_id.ne(user));
    let query = messages::table
        .filter(messages::author_id.eq(user))
        .filter(messages::id.gt(after))
        .filter(diesel::dsl::exists(elsewhere))
        .order(messages::id)
        .limit(Lines::PAGE)
        .select(MessageRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// A page of the personas that they made.
pub(crate) async fn held_personas(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: PersonaId,
) -> Result<Vec<PersonaRow>, PgError> {
    let query = personas::table
        .filter(personas::created_by.eq(user))
        .filter(personas::id.gt(after))
        .order(personas::id)
        .limit(Lines::PAGE)
        .select(PersonaRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// A page of the workspace's conversations, those after `after`.
pub(crate) async fn kept_conversations(
    tx: &mut TenantTx<'_>,
    after: ConversationId,
) -> Result<Vec<ConversationRow>, PgError> {
    let query = conversations::table.filter(conversations::id.gt(after)).order(conversations::id);
    Ok(query.limit(Lines::PAGE).select(ConversationRow::as_select()).load(tx.conn()).await?)
}

/// A page of what was said in one of them.
pub(crate) async fn kept_messages(
    tx: &mut TenantTx<'_>,
    conversation: ConversationId,
    after: MessageId,
) -> Result<Vec<MessageRow>, PgError> {
    let query = messages::table
        .filter(messages::conversation_id.eq(conversation))
        .filter(messages::id.gt(after))
        .order(messages::id);
    Ok(query.limit(Lines::PAGE).select(MessageRow::as_select()).load(tx.conn()).await?)
}

/// A page of the workspace's personas.
pub(crate) async fn kept_personas(
    tx: &mut TenantTx<'_>,
    after: PersonaId,
) -> Result<Vec<PersonaRow>, PgError> {
    let query = personas::table.filter(personas::id.gt(after)).order(personas::id);
    Ok(query.limit(Lines::PAGE).select(PersonaRow::as_select()).load(tx.conn()).await?)
}
