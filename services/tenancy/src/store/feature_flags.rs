use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_access::{FeatureFlag, RolloutUnit};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx};

use crate::schema::{feature_flag_names as names, feature_flags as flags};

/// What is switched, without those who are named.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = flags, check_for_backend(diesel::pg::Pg))]
pub(crate) struct FlagRow {
    pub(crate) key: String,
    pub(crate) description: String,
    pub(crate) enabled: bool,
    pub(crate) percentage: i16,
    pub(crate) unit: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Somebody for whom a flag is decided by name.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = names, check_for_backend(diesel::pg::Pg))]
pub(crate) struct NameRow {
    pub(crate) key: String,
    pub(crate) unit: String,
    pub(crate) subject: Uuid,
    pub(crate) has: bool,
}

/// A flag with those who are named.
#[derive(Debug, Clone)]
pub(crate) struct NamedFlag {
    pub(crate) row: FlagRow,
    pub(crate) names: Vec<NameRow>,
}

impl NamedFlag {
    /// As it is decided by.
    pub(crate) fn rule(self) -> FeatureFlag {
        let unit = if self.row.unit == "USER" { RolloutUnit::User } else { RolloutUnit::Workspace };
        let (users, workspaces): (Vec<_>, Vec<_>) =
            self.names.into_iter().partition(|one| one.unit == "USER");
        FeatureFlag {
            key: self.row.key,
            enabled: self.row.enabled,
            percentage: u8::try_from(self.row.percentage).unwrap_or(0),
            unit,
            workspaces: workspaces
                .into_iter()
                .map(|one| (WorkspaceId::from_uuid(one.subject), one.has))
                .collect(),
            users: users.into_iter().map(|one| (UserId::from_uuid(one.subject), one.has)).collect(),
        }
    }
}

/// Sets a flag as a whole; whether it is new. Calls at once wait for one another, and leave what the last one said.
pub(crate) async fn flag_set(tx: &mut SystemTx<'_>, flag: &NamedFlag) -> Result<bool, PgError> {
    let upsert = diesel::insert_into(flags::table).values(&flag.row).on_conflict(flags::key).do_update();
    let upsert = upsert.set((
        flags::description.eq(&flag.row.description),
        flags::enabled.eq(flag.row.enabled),
        flags::percentage.eq(flag.row.percentage),
        flags::unit.eq(&flag.row.unit),
        flags::updated_at.eq(flag.row.updated_at),
    ));
    let created: DateTime<Utc> = upsert.returning(flags::created_at).get_result(tx.conn()).await?;
    let new = created == flag.row.created_at;
    diesel::delete(names::table.filter(names::key.eq(&flag.row.key))).execute(tx.conn()).await?;
    diesel::insert_into(names::table).values(&flag.names).execute(tx.conn()).await?;
    Ok(new)
}

/// False: there is none of this key.
pub(crate) async fn flag_delete(tx: &mut SystemTx<'_>, key: &str) -> Result<bool, PgError> {
    Ok(diesel::delete(flags::table.find(key)).execute(tx.conn()).await? == 1)
}

pub(crate) async fn flag_count(tx: &mut SystemTx<'_>) -> Result<i64, PgError> {
    Ok(flags::table.count().get_result(tx.conn()).await?)
}

pub(crate) async fn flag_find(tx: &mut SystemTx<'_>, key: &str) -> Result<Option<NamedFlag>, PgError> {
    let row = flags::table.find(key).select(FlagRow::as_select()).first(tx.conn()).await.optional()?;
    let Some(row) = row else { return Ok(None) };
    let names = names::table.filter(names::key.eq(key)).order((names::unit, names::subject));
    Ok(Some(NamedFlag { row, names: names.select(NameRow::as_select()).load(tx.conn()).await? }))
}

/// By key. Without `limit`, all.
pub(crate) async fn flag_list(
    tx: &mut SystemTx<'_>,
    after: Option<&str>,
    limit: Option<i64>,
) -> Result<Vec<NamedFlag>, PgError> {
    let mut query = flags::table.select(FlagRow::as_select()).order(flags::key).into_boxed();
    if let Some(after) = after {
        query = query.filter(flags::key.gt(after));
    }
    if let Some(limit) = limit {
        query = query.limit(limit);
    }
    let rows: Vec<FlagRow> = query.load(tx.conn()).await?;
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let named = names::table.filter(names::key.eq_any(keys)).order((names::unit, names::subject));
    let mut by_key: HashMap<String, Vec<NameRow>> = HashMap::new();
    for name in named.select(NameRow::as_select()).load(tx.conn()).await? {
        by_key.entry(name.key.clone()).or_default().push(name);
    }
    let with_names = |row: FlagRow| NamedFlag { names: by_key.remove(&row.key).unwrap_or_default(), row };
    Ok(rows.into_iter().map(with_names).collect())
}

/// The flags that name somebody.
pub(crate) async fn flags_naming(
    tx: &mut SystemTx<'_>,
    unit: &str,
    subject: Uuid,
) -> Result<Vec<NameRow>, PgError> {
    let naming = names::table.filter(names::subject.eq(subject)).filter(names::unit.eq(unit));
    Ok(naming.order(names::key).select(NameRow::as_select()).load(tx.conn()).await?)
}

/// Who left is named no longer.
pub(crate) async fn flags_forget(tx: &mut impl Tx, unit: &str, subject: Uuid) -> Result<usize, PgError> {
    let naming = names::table.filter(names::subject.eq(subject)).filter(names::unit.eq(unit));
    Ok(diesel::delete(naming).execute(tx.conn()).await?)
}
