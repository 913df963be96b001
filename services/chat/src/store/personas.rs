use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{PersonaId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::personas as table;

/// A persona of a workspace: its backend's address and secret are sealed.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct PersonaRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: PersonaId,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) about: String,
    pub(crate) traits: Vec<String>,
    pub(crate) expertise: Vec<String>,
    pub(crate) style: String,
    pub(crate) pain_points: Vec<String>,
    pub(crate) responsibilities: Vec<String>,
    pub(crate) backend: String,
    pub(crate) model: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) url_sealed: Option<Vec<u8>>,
    pub(crate) url_host: Option<String>,
    pub(crate) secret_sealed: Option<Vec<u8>>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Which personas to list, of the platform and of the workspace alike.
#[derive(Debug, Default)]
pub(crate) struct PersonaFilter {
    pub(crate) search: Option<String>,
    pub(crate) expertise: Option<String>,
}

impl PersonaFilter {
    pub(crate) fn like(&self) -> Option<String> {
        self.search.as_deref().map(super::contains)
    }
}

/// What a PATCH may touch; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = table)]
pub(crate) struct PersonaChange {
    pub(crate) name: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) about: Option<String>,
    pub(crate) traits: Option<Vec<String>>,
    pub(crate) expertise: Option<Vec<String>>,
    pub(crate) style: Option<String>,
    pub(crate) pain_points: Option<Vec<String>>,
    pub(crate) responsibilities: Option<Vec<String>>,
    pub(crate) backend: Option<String>,
    pub(crate) model: Option<Option<String>>,
    pub(crate) agent: Option<Option<String>>,
    pub(crate) url_sealed: Option<Option<Vec<u8>>>,
    pub(crate) url_host: Option<Option<String>>,
    pub(crate) secret_sealed: Option<Option<Vec<u8>>>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
    pub(crate) traits_as_of: Option<DateTime<Utc>>,
}

pub(crate) async fn persona_insert(tx: &mut TenantTx<'_>, row: &PersonaRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn persona_find(
    tx: &mut TenantTx<'_>,
    id: PersonaId,
) -> Result<Option<PersonaRow>, PgError> {
    let query = table::table.filter(table::id.eq(id)).select(PersonaRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn persona_named(tx: &mut TenantTx<'_>, name: &str) -> Result<Option<PersonaId>, PgError> {
    let query = table::table.filter(table::name.eq(name)).select(table::id);
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The same for whoever changes it, with as of when its traits are.
pub(crate) async fn persona_lock_named(
    tx: &mut TenantTx<'_>,
    name: &str,
) -> Result<Option<(PersonaId, Option<DateTime<Utc>>)>, PgError> {
    let query = table::table.filter(table::name.eq(name)).select((table::id, table::traits_as_of));
    Ok(query.for_update().first(tx.conn()).await.optional()?)
}

pub(crate) async fn persona_list(
    tx: &mut TenantTx<'_>,
    filter: &PersonaFilter,
    before: Option<PersonaId>,
    limit: i64,
) -> Result<Vec<PersonaRow>, PgError> {
    let mut query = table::table.select(PersonaRow::as_select()).into_boxed();
    if let Some(like) = filter.like() {
        query = query.filter(
            table::name.ilike(like.clone()).or(table::role.ilike(like.clone())).or(table::about.ilike(like)),
        );
    }
    if let Some(expertise) = &filter.expertise {
        query = query.filter(table::expertise.contains(vec![expertise.clone()]));
    }
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.order(table::id.desc()).limit(limit).load(tx.conn()).await?)
}

pub(crate) async fn persona_update(
    tx: &mut TenantTx<'_>,
    id: PersonaId,
    change: &PersonaChange,
) -> Result<Option<PersonaRow>, PgError> {
    let updated = diesel::update(table::table.filter(table::id.eq(id)))
        .set(change)
        .returning(PersonaRow::as_returning())
        .get_result(tx.conn())
        .await;
    Ok(updated.optional()?)
}

pub(crate) async fn persona_delete(tx: &mut TenantTx<'_>, id: PersonaId) -> Result<bool, PgError> {
    Ok(diesel::delete(table::table.filter(table::id.eq(id))).execute(tx.conn()).await? == 1)
}
