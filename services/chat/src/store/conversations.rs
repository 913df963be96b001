use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use witan_ids::{ConversationId, PersonaId, ProjectId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::state::Visibility;
use crate::schema::conversations as table;

/// A conversation of one person with one persona.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ConversationRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: ConversationId,
    pub(crate) owner_id: UserId,
    pub(crate) persona_id: PersonaId,
    pub(crate) persona_name: String,
    pub(crate) title: String,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) visibility: String,
    pub(crate) archived_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl ConversationRow {
    pub(crate) fn visibility(&self) -> Visibility {
        Visibility::from_column(&self.visibility)
    }
}

/// Which conversations to list.
#[derive(Debug, Default)]
pub(crate) struct ConversationFilter {
    pub(crate) search: Option<String>,
    pub(crate) persona: Option<PersonaId>,
    pub(crate) project: Option<ProjectId>,
    pub(crate) archived: bool,
}

/// What a PATCH may touch; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = table)]
pub(crate) struct ConversationChange {
    pub(crate) title: Option<String>,
    pub(crate) project_id: Option<Option<ProjectId>>,
    pub(crate) visibility: Option<String>,
    pub(crate) archived_at: Option<Option<DateTime<Utc>>>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// Whether a person sees a conversation: the owner always, others when it is shared. In every query there is.
macro_rules! visible_to {
    ($user:expr) => {
        table::owner_id.eq($user).or(table::visibility.eq(Visibility::Shared.as_str()))
    };
}

pub(crate) async fn conversation_insert(tx: &mut TenantTx<'_>, row: &ConversationRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn conversation_find(
    tx: &mut TenantTx<'_>,
    user: UserId,
    id: ConversationId,
) -> Result<Option<ConversationRow>, PgError> {
    let query =
        table::table.filter(table::id.eq(id)).filter(visible_to!(user)).select(ConversationRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Whoever may see it: for the service's own work.
pub(crate) async fn conversation_get(
    tx: &mut TenantTx<'_>,
    id: ConversationId,
) -> Result<Option<ConversationRow>, PgError> {
    let query = table::table.filter(table::id.eq(id)).select(ConversationRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn conversation_list(
    tx: &mut TenantTx<'_>,
    user: UserId,
    filter: &ConversationFilter,
    before: Option<ConversationId>,
    limit: i64,
) -> Result<Vec<ConversationRow>, PgError> {
    let mut query = table::table.filter(visible_to!(user)).select(ConversationRow::as_select()).into_boxed();
    query = match filter.archived {
        true => query.filter(table::archived_at.is_not_null()),
        false => query.filter(table::archived_at.is_null()),
    };
    if let Some(search) = &filter.search {
        query = query.filter(table::title.ilike(super::contains(search)));
    }
    if let Some(persona) = filter.persona {
        query = query.filter(table::persona_id.eq(persona));
    }
    if let Some(project) = filter.project {
        query = query.filter(table::project_id.eq(project));
    }
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.order(table::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// Changes a conversation of `owner`; somebody else's, shared or not, is not found.
pub(crate) async fn conversation_update(
    tx: &mut TenantTx<'_>,
    owner: UserId,
    id: ConversationId,
    change: &ConversationChange,
) -> Result<Option<ConversationRow>, PgError> {
    let updated = diesel::update(table::table.filter(table::id.eq(id)).filter(table::owner_id.eq(owner)))
        .set(change)
        .returning(ConversationRow::as_returning())
        .get_result(tx.conn())
        .await;
    Ok(updated.optional()?)
}

pub(crate) async fn conversation_delete(
    tx: &mut TenantTx<'_>,
    owner: UserId,
    id: ConversationId,
) -> Result<bool, PgError> {
    let own = table::table.filter(table::id.eq(id)).filter(table::owner_id.eq(owner));
    Ok(diesel::delete(own).execute(tx.conn()).await? == 1)
}

/// Notes that something happened in it.
pub(crate) async fn conversation_touch(
    tx: &mut TenantTx<'_>,
    id: ConversationId,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    // Two answers may end at the same time; the later one counts.
    let older = sql::<Bool>("updated_at < ").bind::<diesel::sql_types::Timestamptz, _>(now);
    diesel::update(table::table.filter(table::id.eq(id)).filter(older))
        .set(table::updated_at.eq(now))
        .execute(tx.conn())
        .await?;
    Ok(())
}
