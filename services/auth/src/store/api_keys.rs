//! API keys: their digests, and what they are good for.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{IntoBoxed, count_star};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_access::Scope;
use witan_access::api_key::ApiKeyProof;
use witan_ids::{ApiKeyId, UserId, WorkspaceId};
use witan_pg::{PgError, Tx};

use super::schema::{api_keys, closed_workspaces, users};
use crate::domain::account::Account;
use crate::domain::api_key::{KeyEnd, KeyOwner, is_good};

/// How exactly the last use is known. Writing it down each time would make reading as dear as writing.
const USE_NOTED: TimeDelta = TimeDelta::minutes(1);

/// A key to be stored.
pub(crate) struct NewApiKey<'a> {
    pub(crate) id: ApiKeyId,
    pub(crate) proof: &'a ApiKeyProof,
    pub(crate) owner: KeyOwner,
    pub(crate) created_by: UserId,
    pub(crate) name: &'a str,
    pub(crate) scopes: &'a [Scope],
    /// How whoever makes it was proved.
    pub(crate) methods: &'a [String],
    pub(crate) expires_at: DateTime<Utc>,
}

/// A key as its owner sees it.
#[derive(Debug, HasQuery)]
#[diesel(table_name = api_keys)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: ApiKeyId,
    pub(crate) prefix: String,
    user_id: Option<UserId>,
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) created_by: UserId,
    pub(crate) name: String,
    scopes: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

/// A key that somebody shows, as far as it is stored.
pub(crate) struct ShownKey {
    pub(crate) row: ApiKeyRow,
    pub(crate) digest: Vec<u8>,
    /// The state and the default workspace of the person it belongs to.
    user: Option<(String, Option<WorkspaceId>)>,
    /// Whether the workspace that it belongs to awaits its deletion.
    closed: bool,
}

impl ApiKeyRow {
    /// Whose key it is; the table sees to it that it is somebody's.
    pub(crate) fn owner(&self) -> Option<KeyOwner> {
        self.user_id.map(KeyOwner::User).or(self.workspace.map(KeyOwner::Workspace))
    }

    pub(crate) fn scopes(&self) -> Vec<Scope> {
        self.scopes.iter().filter_map(|scope| Scope::parse(scope)).collect()
    }
}

impl ShownKey {
    /// Whether it may be used: a person's key only for as long as their account is open, a workspace's only while that does
    /// not await its deletion.
    pub(crate) fn is_good(&self, now: DateTime<Utc>) -> bool {
        let active = (Account::Active { verified_at: DateTime::UNIX_EPOCH }).state();
        let open =
            self.row.workspace.is_some() || self.user.as_ref().is_some_and(|(state, _)| state == active);
        open && !self.closed && is_good(self.row.revoked_at, self.row.expires_at, now)
    }

    pub(crate) fn default_workspace(&self) -> Option<WorkspaceId> {
        self.user.as_ref().and_then(|(_, workspace)| *workspace)
    }

    /// Whether its last use is worth writing down again.
    pub(crate) fn is_use_news(&self, now: DateTime<Utc>) -> bool {
        self.row.last_used_at.is_none_or(|at| now - at >= USE_NOTED)
    }
}

pub(crate) async fn api_key_insert(
    tx: &mut impl Tx,
    key: &NewApiKey<'_>,
    now: DateTime<Utc>,
) -> Result<ApiKeyRow, PgError> {
    let (user, workspace) = match key.owner {
        KeyOwner::User(user) => (Some(user), None),
        KeyOwner::Workspace(workspace) => (None, Some(workspace)),
    };
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let row = (
        api_keys::id.eq(key.id),
        api_keys::prefix.eq(&key.proof.prefix),
        api_keys::digest.eq(key.proof.digest.as_slice()),
        api_keys::user_id.eq(user),
        api_keys::workspace.eq(workspace),
        api_keys::created_by.eq(key.created_by),
        api_keys::name.eq(key.name),
        api_keys::scopes.eq(scopes),
        api_keys::methods.eq(key.methods),
        api_keys::created_at.eq(now),
        api_keys::expires_at.eq(key.expires_at),
    );
    let insert = diesel::insert_into(api_keys::table).values(row).returning(ApiKeyRow::as_returning());
    Ok(insert.get_result(tx.conn()).await?)
}

/// Has whoever changes the keys of the same owner wait until this transaction ends.
pub(crate) async fn api_key_lock(tx: &mut impl Tx, owner: KeyOwner) -> Result<(), PgError> {
    let owner = match owner {
        KeyOwner::User(user) => user.to_string(),
        KeyOwner::Workspace(workspace) => workspace.to_string(),
    };
    witan_pg::sql("SELECT pg_advisory_xact_lock(hashtextextended('auth.api_keys ' || $1, 0))")
        .bind::<diesel::sql_types::Text, _>(owner)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How many keys of an owner are good.
pub(crate) async fn api_key_count(
    tx: &mut impl Tx,
    owner: KeyOwner,
    now: DateTime<Utc>,
) -> Result<i64, PgError> {
    let query = good(now).select(count_star());
    let query = match owner {
        KeyOwner::User(user) => query.filter(api_keys::user_id.eq(user)),
        KeyOwner::Workspace(workspace) => query.filter(api_keys::workspace.eq(workspace)),
    };
    Ok(query.first(tx.conn()).await?)
}

/// An owner's good keys, newest first, those after `after` only.
pub(crate) async fn api_key_list(
    conn: &mut AsyncPgConnection,
    owner: KeyOwner,
    after: Option<ApiKeyId>,
    rows: i64,
    now: DateTime<Utc>,
) -> Result<Vec<ApiKeyRow>, PgError> {
    let query = good(now).select(ApiKeyRow::as_select()).order(api_keys::id.desc()).limit(rows);
    let mut query = match owner {
        KeyOwner::User(user) => query.filter(api_keys::user_id.eq(user)),
        KeyOwner::Workspace(workspace) => query.filter(api_keys::workspace.eq(workspace)),
    };
    if let Some(after) = after {
        query = query.filter(api_keys::id.lt(after));
    }
    Ok(query.load(conn).await?)
}

/// A good key.
pub(crate) async fn api_key_find(
    conn: &mut AsyncPgConnection,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<Option<ApiKeyRow>, PgError> {
    let query = good(now).filter(api_keys::id.eq(id)).select(ApiKeyRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// The newest good key of a person with this name.
pub(crate) async fn api_key_of_name(
    tx: &mut impl Tx,
    user: UserId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<ApiKeyRow>, PgError> {
    let query = good(now)
        .filter(api_keys::user_id.eq(user))
        .filter(api_keys::name.eq(name))
        .order(api_keys::id.desc())
        .select(ApiKeyRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The key with this prefix, good or not, with what must be compared.
pub(crate) async fn api_key_shown(
    conn: &mut AsyncPgConnection,
    prefix: &str,
) -> Result<Option<ShownKey>, PgError> {
    let query = api_keys::table
        .left_join(users::table.on(users::id.nullable().eq(api_keys::user_id)))
        .left_join(
            closed_workspaces::table.on(closed_workspaces::workspace.nullable().eq(api_keys::workspace)),
        )
        .filter(api_keys::prefix.eq(prefix))
        .select((
            ApiKeyRow::as_select(),
            api_keys::digest,
            (users::state, users::default_workspace).nullable(),
            closed_workspaces::closed_at.nullable().is_not_null(),
        ));
    let found = query.first(conn).await.optional()?;
    Ok(found.map(|(row, digest, user, closed)| ShownKey { row, digest, user, closed }))
}

/// Notes that a key was used.
pub(crate) async fn api_key_used(
    conn: &mut AsyncPgConnection,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    diesel::update(api_keys::table.find(id)).set(api_keys::last_used_at.eq(now)).execute(conn).await?;
    Ok(())
}

/// Ends a good key; says whether there was one.
pub(crate) async fn api_key_revoke(
    tx: &mut impl Tx,
    id: ApiKeyId,
    end: KeyEnd,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let live =
        api_keys::table.find(id).filter(api_keys::revoked_at.is_null()).filter(api_keys::expires_at.gt(now));
    let values = (api_keys::revoked_at.eq(now), api_keys::revoked_reason.eq(end.as_str()));
    Ok(diesel::update(live).set(values).execute(tx.conn()).await? == 1)
}

/// Removes up to `most` keys that ended before `before`; says how many there were.
pub(crate) async fn api_key_purge(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, PgError> {
    let ended = api_keys::table
        .filter(api_keys::expires_at.lt(before).or(api_keys::revoked_at.lt(before)))
        .select(api_keys::id)
        .limit(most);
    let ids: Vec<ApiKeyId> = ended.for_update().skip_locked().load(tx.conn()).await?;
    let gone = api_keys::table.filter(api_keys::id.eq_any(ids));
    Ok(diesel::delete(gone).execute(tx.conn()).await?)
}

fn good(now: DateTime<Utc>) -> IntoBoxed<'static, api_keys::table, Pg> {
    api_keys::table.filter(api_keys::revoked_at.is_null()).filter(api_keys::expires_at.gt(now)).into_boxed()
}
