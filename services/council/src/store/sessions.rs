use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{AgentSessionId, ProjectId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use super::live_sessions::{live_session_delete, live_session_put};
use crate::domain::session::{SessionState, oldest_active};
use crate::domain::window::Summary;
use crate::schema::sessions as table;

/// A person's session with agents.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SessionRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: AgentSessionId,
    pub(crate) user_id: UserId,
    pub(crate) title: String,
    pub(crate) agent: Option<String>,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) state: String,
    pub(crate) entries: i32,
    pub(crate) active_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// What a model made of its first messages,
    pub(crate) summary: Option<String>,
    /// up to this number,
    pub(crate) summarised_to: Option<i32>,
    /// so many of them.
    pub(crate) summarised: Option<i32>,
}

impl SessionRow {
    /// What its first messages were summarised as.
    pub(crate) fn into_summary(self) -> Option<Summary> {
        let of = usize::try_from(self.summarised?).unwrap_or_default();
        Some(Summary { text: self.summary?, to: self.summarised_to?, of })
    }

    /// What it is now.
    pub(crate) fn state(&self, now: DateTime<Utc>) -> SessionState {
        SessionState::from_column(&self.state).unwrap_or(SessionState::Ended).at(self.active_at, now)
    }
}

/// Which sessions to list.
#[derive(Debug, Default)]
pub(crate) struct SessionFilter {
    pub(crate) state: Option<SessionState>,
    pub(crate) project_id: Option<ProjectId>,
}

pub(crate) async fn session_insert(tx: &mut TenantTx<'_>, row: &SessionRow) -> Result<(), PgError> {
    expect_one(diesel::insert_into(table::table).values(row).execute(tx.conn()).await?)?;
    live_session_put(tx, row.id, row.active_at).await
}

/// One of the person's own.
pub(crate) async fn session_find(
    tx: &mut TenantTx<'_>,
    user: UserId,
    id: AgentSessionId,
) -> Result<Option<SessionRow>, PgError> {
    let query = table::table
        .find((tx.workspace_id(), id))
        .filter(table::user_id.eq(user))
        .select(SessionRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The person's own, newest first.
pub(crate) async fn session_list(
    tx: &mut TenantTx<'_>,
    user: UserId,
    filter: &SessionFilter,
    now: DateTime<Utc>,
    before: Option<AgentSessionId>,
    limit: i64,
) -> Result<Vec<SessionRow>, PgError> {
    let mut query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()).and(table::user_id.eq(user)))
        .select(SessionRow::as_select())
        .into_boxed();
    let (active, idle) = (SessionState::Active.as_str(), oldest_active(now));
    match filter.state {
        Some(SessionState::Active) => {
            query = query.filter(table::state.eq(active).and(table::active_at.gt(idle)));
        }
        Some(SessionState::Expired) => {
            let unswept = table::state.eq(active).and(table::active_at.le(idle));
            query = query.filter(table::state.eq(SessionState::Expired.as_str()).or(unswept));
        }
        Some(SessionState::Ended) => query = query.filter(table::state.eq(SessionState::Ended.as_str())),
        None => {}
    }
    if let Some(project) = filter.project_id {
        query = query.filter(table::project_id.eq(project));
    }
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.order(table::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// Notes that something happens in a session, and that this many entries come. Its row is held until the transaction ends,
/// so that entries have numbers without gaps. None: it is over, or not there.
pub(crate) async fn session_touch(
    tx: &mut TenantTx<'_>,
    user: UserId,
    id: AgentSessionId,
    now: DateTime<Utc>,
    more: i32,
) -> Result<Option<SessionRow>, PgError> {
    let goes_on = table::table
        .find((tx.workspace_id(), id))
        .filter(table::user_id.eq(user))
        .filter(table::state.eq(SessionState::Active.as_str()))
        .filter(table::active_at.gt(oldest_active(now)));
    let touched = diesel::update(goes_on)
        .set((table::active_at.eq(now), table::entries.eq(table::entries + more)))
        .returning(SessionRow::as_returning())
        .get_result::<SessionRow>(tx.conn())
        .await
        .optional()?;
    if touched.is_some() {
        live_session_put(tx, id, now).await?;
    }
    Ok(touched)
}

/// Ends one of the person's own that goes on; none where it does not.
pub(crate) async fn session_end(
    tx: &mut TenantTx<'_>,
    user: UserId,
    id: AgentSessionId,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>, PgError> {
    let goes_on = table::table
        .find((tx.workspace_id(), id))
        .filter(table::user_id.eq(user))
        .filter(table::state.eq(SessionState::Active.as_str()))
        .filter(table::active_at.gt(oldest_active(now)));
    let ended = diesel::update(goes_on)
        .set((table::state.eq(SessionState::Ended.as_str()), table::ended_at.eq(now)))
        .returning(SessionRow::as_returning())
        .get_result(tx.conn())
        .await
        .optional()?;
    if ended.is_some() {
        live_session_delete(tx, id).await?;
    }
    Ok(ended)
}

/// Keeps what a session was summarised as, unless more of it has been meanwhile. That is no activity of its owner.
pub(crate) async fn session_summarise(
    tx: &mut TenantTx<'_>,
    id: AgentSessionId,
    summary: &Summary,
) -> Result<(), PgError> {
    let known_less = table::summarised_to.is_null().or(table::summarised_to.lt(summary.to));
    diesel::update(table::table.find((tx.workspace_id(), id)).filter(known_less))
        .set((
            table::summary.eq(&summary.text),
            table::summarised_to.eq(summary.to),
            table::summarised.eq(i32::try_from(summary.of).unwrap_or(i32::MAX)),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Expires a session in which nothing happened for a day; none where something did, or it is over.
pub(crate) async fn session_expire(
    tx: &mut TenantTx<'_>,
    id: AgentSessionId,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>, PgError> {
    let active = table::state.eq(SessionState::Active.as_str());
    let idle = table::table
        .find((tx.workspace_id(), id))
        .filter(active)
        .filter(table::active_at.le(oldest_active(now)));
    let expired = diesel::update(idle)
        .set((table::state.eq(SessionState::Expired.as_str()), table::ended_at.eq(now)))
        .returning(SessionRow::as_returning())
        .get_result(tx.conn())
        .await
        .optional()?;
    let goes_on = table::table.find((tx.workspace_id(), id)).filter(active).count();
    // One that is used again at this moment has been noted so; every other one is over.
    if goes_on.get_result::<i64>(tx.conn()).await? == 0 {
        live_session_delete(tx, id).await?;
    }
    Ok(expired)
}

/// With all that is in it; false if there was none of the person's own.
pub(crate) async fn session_delete(
    tx: &mut TenantTx<'_>,
    user: UserId,
    id: AgentSessionId,
) -> Result<bool, PgError> {
    let own = table::table.find((tx.workspace_id(), id)).filter(table::user_id.eq(user));
    let deleted = diesel::delete(own).execute(tx.conn()).await? > 0;
    if deleted {
        live_session_delete(tx, id).await?;
    }
    Ok(deleted)
}
