use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{DomainId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::domain::domain_status::DomainStatus;
use crate::schema::domains;

/// A domain that a workspace says is its own.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = domains, check_for_backend(diesel::pg::Pg))]
pub(crate) struct DomainRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: DomainId,
    pub(crate) domain: String,
    pub(crate) challenge: String,
    status: String,
    pub(crate) joining: bool,
    pub(crate) verified_at: Option<DateTime<Utc>>,
    pub(crate) checked_at: Option<DateTime<Utc>>,
    pub(crate) failing_since: Option<DateTime<Utc>>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl DomainRow {
    /// One that nothing proves yet.
    pub(crate) fn new(
        (workspace_id, id): (WorkspaceId, DomainId),
        domain: &str,
        challenge: String,
        created_by: UserId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            workspace_id,
            id,
            domain: domain.to_owned(),
            challenge,
            status: DomainStatus::Pending.as_str().to_owned(),
            joining: false,
            verified_at: None,
            checked_at: None,
            failing_since: None,
            created_by,
            created_at: now,
            updated_at: now,
        }
    }

    pub(crate) fn status(&self) -> DomainStatus {
        DomainStatus::from_column(&self.status)
    }

    pub(crate) fn set_status(&mut self, status: DomainStatus) {
        self.status = status.as_str().to_owned();
    }
}

/// Says whether the workspace had not claimed it before.
pub(crate) async fn domain_insert(tx: &mut TenantTx<'_>, row: &DomainRow) -> Result<bool, PgError> {
    let insert = diesel::insert_into(domains::table).values(row).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn()).await? == 1)
}

pub(crate) async fn domain_count(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    let own = domains::table.filter(domains::workspace_id.eq(tx.workspace_id()));
    Ok(own.select(count_star()).first(tx.conn()).await?)
}

pub(crate) async fn domain_find(tx: &mut TenantTx<'_>, id: DomainId) -> Result<Option<DomainRow>, PgError> {
    let query = domains::table.find((tx.workspace_id(), id)).select(DomainRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The same, held until the transaction ends.
pub(crate) async fn domain_lock(tx: &mut TenantTx<'_>, id: DomainId) -> Result<Option<DomainRow>, PgError> {
    let query = domains::table.find((tx.workspace_id(), id)).select(DomainRow::as_select());
    Ok(query.for_update().first(tx.conn()).await.optional()?)
}

/// Newest first.
pub(crate) async fn domain_list(
    tx: &mut TenantTx<'_>,
    before: Option<DomainId>,
    limit: i64,
) -> Result<Vec<DomainRow>, PgError> {
    let mut query = domains::table
        .filter(domains::workspace_id.eq(tx.workspace_id()))
        .select(DomainRow::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(domains::id.lt(before));
    }
    Ok(query.order(domains::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// Writes what may change of a claim.
pub(crate) async fn domain_save(tx: &mut TenantTx<'_>, row: &DomainRow) -> Result<(), PgError> {
    let values = (
        domains::status.eq(&row.status),
        domains::joining.eq(row.joining),
        domains::verified_at.eq(row.verified_at),
        domains::checked_at.eq(row.checked_at),
        domains::failing_since.eq(row.failing_since),
        domains::updated_at.eq(row.updated_at),
    );
    let saved = diesel::update(domains::table.find((tx.workspace_id(), row.id))).set(values);
    expect_one(saved.execute(tx.conn()).await?)
}

pub(crate) async fn domain_delete(tx: &mut TenantTx<'_>, id: DomainId) -> Result<(), PgError> {
    expect_one(diesel::delete(domains::table.find((tx.workspace_id(), id))).execute(tx.conn()).await?)
}

/// What the person claimed was claimed by `nobody` from now on.
pub(crate) async fn domain_forget(
    tx: &mut TenantTx<'_>,
    user: UserId,
    nobody: UserId,
) -> Result<usize, PgError> {
    let own = domains::table.filter(domains::workspace_id.eq(tx.workspace_id()));
    let own = diesel::update(own.filter(domains::created_by.eq(user)));
    Ok(own.set(domains::created_by.eq(nobody)).execute(tx.conn()).await?)
}
