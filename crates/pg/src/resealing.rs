//! Values that outlive the key they were sealed with: they are sealed anew with the key in use, so that the old one can be taken away.
//!
//! A service names its columns and has [`job`] run periodically. Its migrations keep the system table `keyed_workspaces (tenant)`, by
//! triggers on its tenants' tables: which workspaces there is anything of.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{Binary, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::WorkspaceId;

use crate::{Cipher, CipherError, Pg, PgError, SystemTx, TenantTx, Tx, sql};

/// How often to look.
pub const EVERY: Duration = Duration::from_secs(3600);
/// Rows, and workspaces, of one statement.
const PAGE: usize = 100;

/// A column of sealed values, in which nulls are left alone.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// The column that names a row, within its workspace if it is a tenant's, and by which an index orders them.
    pub key: Key,
    /// The column.
    pub column: &'static str,
    /// What its values are bound to.
    pub context: Context,
}

/// The column of a key.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// Of ids.
    Uuid(&'static str),
    /// Of names, none of which is empty.
    Text(&'static str),
}

/// The context of a row, made from its key as a text. None for what is no such key.
#[derive(Debug, Clone, Copy)]
pub enum Context {
    /// Of a table of tenants.
    Tenant(fn(WorkspaceId, &str) -> Option<String>),
    /// Of a table of the system.
    System(fn(&str) -> Option<String>),
}

/// The id that a key is.
pub fn typed<T>(key: &str, id: fn(Uuid) -> T) -> Option<T> {
    key.parse().ok().map(id)
}

/// What is to be done [`EVERY`] so often: [`reseal`] for these columns.
pub fn job(
    cipher: &Cipher,
    clock: &Clock,
    columns: &'static [SealedColumn],
) -> impl Fn(Pg) -> BoxFuture<'static, Result<(), PgError>> + Send + Sync + 'static {
    let (cipher, clock) = (cipher.clone(), clock.clone());
    move |pg| {
        let (cipher, clock) = (cipher.clone(), clock.clone());
        async move { reseal(&pg, &cipher, &clock, columns).await }.boxed()
    }
}

/// Seals the values of some columns anew that were sealed with another key than the one in use. One that is changed meanwhile stays as it
/// was changed; one that does not open is left alone, and operators are told.
///
/// # Errors
/// When the database fails; what was done until then stays done.
pub async fn reseal(
    pg: &Pg,
    cipher: &Cipher,
    clock: &Clock,
    columns: &[SealedColumn],
) -> Result<(), PgError> {
    for column in columns {
        if let Context::System(context) = column.context {
            let mut after = Some(column.key.least());
            while let Some(last) = after {
                let turn =
                    async |tx: &mut SystemTx<'_>| page(tx, cipher, clock, column, context, &last).await;
                after = pg.tx("reseal.system", turn).await?;
            }
        }
    }
    if !columns.iter().any(|column| matches!(column.context, Context::Tenant(_))) {
        return Ok(());
    }
    let mut after = None;
    loop {
        let page = pg.tx("reseal.workspaces", async |tx| workspaces(tx, after).await).await?;
        for workspace in &page {
            let seal = async |tx: &mut TenantTx<'_>| in_workspace(tx, cipher, clock, columns).await;
            pg.tenant("reseal.workspace", *workspace, seal).await?;
        }
        after = page.last().copied();
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn in_workspace(
    tx: &mut TenantTx<'_>,
    cipher: &Cipher,
    clock: &Clock,
    columns: &[SealedColumn],
) -> Result<(), PgError> {
    let workspace = tx.workspace_id();
    for column in columns {
        if let Context::Tenant(context) = column.context {
            let context = |key: &str| context(workspace, key);
            let mut after = Some(column.key.least());
            while let Some(last) = after {
                after = page(tx, cipher, clock, column, context, &last).await?;
            }
        }
    }
    Ok(())
}

/// Seals some values anew, and says which row was the last.
async fn page(
    tx: &mut impl Tx,
    cipher: &Cipher,
    clock: &Clock,
    column: &SealedColumn,
    context: impl Fn(&str) -> Option<String>,
    after: &str,
) -> Result<Option<String>, PgError> {
    let rows = stale(tx, column, &cipher.mark(), after).await?;
    for row in &rows {
        let context = context(&row.key).ok_or(CipherError::Malformed);
        match context.and_then(|context| cipher.anew(clock, &context, &row.sealed)) {
            Ok(sealed) => keep(tx, column, row, &sealed).await?,
            Err(error) => {
                let SealedColumn { table, column, .. } = column;
                tracing::error!(table, column, key = row.key, %error, "a sealed value does not open");
            }
        }
    }
    Ok(rows.into_iter().next_back().map(|row| row.key))
}

impl Key {
    /// Its name and type.
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Uuid(name) => (name, "uuid"),
            Self::Text(name) => (name, "text"),
        }
    }

    /// Less than every key.
    fn least(self) -> String {
        match self {
            Self::Uuid(_) => Uuid::nil().to_string(),
            Self::Text(_) => String::new(),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

/// Some that were not sealed with the key in use, which every value begins with.
async fn stale(
    tx: &mut impl Tx,
    column: &SealedColumn,
    mark: &[u8],
    after: &str,
) -> Result<Vec<Row>, PgError> {
    let (key, kind) = column.key.parts();
    let SealedColumn { table, column, .. } = column;
    let query = diesel::sql_query(format!(
        "SELECT {key}::text AS key, {column} AS sealed FROM {table}
         WHERE substring({column} FROM 1 FOR octet_length($1)) <> $1 AND {key} > $2::{kind} ORDER BY {key} LIMIT {PAGE}"
    ));
    Ok(query.bind::<Binary, _>(mark).bind::<Text, _>(after).load(tx.conn()).await?)
}

async fn keep(tx: &mut impl Tx, column: &SealedColumn, row: &Row, sealed: &[u8]) -> Result<(), PgError> {
    let (key, kind) = column.key.parts();
    let SealedColumn { table, column, .. } = column;
    let update = format!("UPDATE {table} SET {column} = $1 WHERE {key} = $2::{kind} AND {column} = $3");
    let query = diesel::sql_query(update).bind::<Binary, _>(sealed);
    query.bind::<Text, _>(&row.key).bind::<Binary, _>(&row.sealed).execute(tx.conn()).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Keyed {
    #[diesel(sql_type = SqlUuid)]
    tenant: WorkspaceId,
}

async fn workspaces(tx: &mut SystemTx<'_>, after: Option<WorkspaceId>) -> Result<Vec<WorkspaceId>, PgError> {
    let query =
        sql("SELECT tenant FROM keyed_workspaces WHERE $1 IS NULL OR tenant > $1 ORDER BY tenant LIMIT 100");
    let keyed: Vec<Keyed> = query.bind::<Nullable<SqlUuid>, _>(after).load(tx.conn()).await?;
    Ok(keyed.into_iter().map(|row| row.tenant).collect())
}
