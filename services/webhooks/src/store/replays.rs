use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::{EndpointId, ReplayId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::replay::{ReplayKind, ReplayState};
use crate::schema::replays;

/// A replay and how far it is.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = replays, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ReplayRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: ReplayId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) kind: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) event_types: Option<Vec<String>>,
    pub(crate) state: String,
    pub(crate) total: i64,
    pub(crate) done: i64,
    pub(crate) position: Uuid,
    pub(crate) bound: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

impl ReplayRow {
    pub(crate) fn kind(&self) -> ReplayKind {
        ReplayKind::from_column(&self.kind)
    }

    pub(crate) fn state(&self) -> ReplayState {
        ReplayState::from_column(&self.state)
    }
}

pub(crate) async fn replay_insert(tx: &mut TenantTx<'_>, row: &ReplayRow) -> Result<(), PgError> {
    diesel::insert_into(replays::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn replay_find(tx: &mut TenantTx<'_>, id: ReplayId) -> Result<Option<ReplayRow>, PgError> {
    let query = replays::table.filter(replays::id.eq(id)).select(ReplayRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// For the job, and for who ends it.
pub(crate) async fn replay_lock(tx: &mut TenantTx<'_>, id: ReplayId) -> Result<Option<ReplayRow>, PgError> {
    let query = replays::table.filter(replays::id.eq(id)).select(ReplayRow::as_select()).for_update();
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The one that an endpoint has, if it is not over.
pub(crate) async fn replay_running(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
) -> Result<Option<ReplayRow>, PgError> {
    let query = replays::table
        .filter(replays::endpoint_id.eq(endpoint))
        .filter(replays::state.eq(ReplayState::Running.as_str()))
        .select(ReplayRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// After a batch of `more`, the last of which was `position`.
pub(crate) async fn replay_advance(
    tx: &mut TenantTx<'_>,
    id: ReplayId,
    position: Uuid,
    more: i64,
) -> Result<(), PgError> {
    let updated = diesel::update(replays::table.filter(replays::id.eq(id)))
        .set((replays::position.eq(position), replays::done.eq(replays::done + more)))
        .execute(tx.conn())
        .await?;
    witan_pg::expect_one(updated)
}

pub(crate) async fn replay_finish(
    tx: &mut TenantTx<'_>,
    id: ReplayId,
    state: ReplayState,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let updated = diesel::update(replays::table.filter(replays::id.eq(id)))
        .set((replays::state.eq(state.as_str()), replays::finished_at.eq(now)))
        .execute(tx.conn())
        .await?;
    witan_pg::expect_one(updated)
}

/// Replays, newest first, those before `before`.
pub(crate) async fn replay_list(
    tx: &mut TenantTx<'_>,
    endpoint: Option<EndpointId>,
    state: Option<ReplayState>,
    before: Option<ReplayId>,
    limit: i64,
) -> Result<Vec<ReplayRow>, PgError> {
    let mut query = replays::table.order(replays::id.desc()).limit(limit).into_boxed();
    if let Some(endpoint) = endpoint {
        query = query.filter(replays::endpoint_id.eq(endpoint));
    }
    if let Some(state) = state {
        query = query.filter(replays::state.eq(state.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(replays::id.lt(before));
    }
    Ok(query.select(ReplayRow::as_select()).load(tx.conn()).await?)
}

/// A page of the workspace's replays, those after `after`.
pub(crate) async fn replay_after(
    tx: &mut TenantTx<'_>,
    after: ReplayId,
    limit: i64,
) -> Result<Vec<ReplayRow>, PgError> {
    let query = replays::table.filter(replays::id.gt(after)).order(replays::id).limit(limit);
    Ok(query.select(ReplayRow::as_select()).load(tx.conn()).await?)
}
