use diesel::QueryResult;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use witan_ids::WorkspaceId;

diesel::define_sql_function! {
    /// PostgreSQL's `set_config`, which unlike `SET` takes a bound value.
    fn set_config(name: Text, value: Text, is_local: diesel::sql_types::Bool) -> Text;
}

/// The setting that every policy compares `workspace_id` with.
const SETTING: &str = "witan.workspace_id";

/// An open transaction, of a tenant or of the system.
pub trait Tx: Send {
    /// The connection, to run queries on.
    fn conn(&mut self) -> &mut AsyncPgConnection;

    /// The workspace whose rows it reaches; none for the system's.
    fn workspace(&self) -> Option<WorkspaceId>;
}

/// A transaction in which only the rows of one workspace exist.
pub struct TenantTx<'c> {
    conn: &'c mut AsyncPgConnection,
    workspace: WorkspaceId,
}

impl<'c> TenantTx<'c> {
    pub(crate) fn new(conn: &'c mut AsyncPgConnection, workspace: WorkspaceId) -> Self {
        Self { conn, workspace }
    }

    /// The workspace whose rows it reaches.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace
    }

    /// Has the rest of the transaction planned once for all values, and as if every table were large.
    ///
    /// For statements that find some rows by their keys, given as arrays. Those are planned anew each time otherwise, which takes longer
    /// than to run them; and what was planned while there was next to nothing to look through would go on looking through all of it.
    pub fn prefer_indexes(&mut self) {
        prefer_indexes(self.conn);
    }

    /// The transaction, for statements that need nothing of each other: they are sent together and cost one round trip.
    pub fn pipeline(&mut self) -> Pipeline<'_> {
        Pipeline { conn: self.conn, workspace: self.workspace }
    }
}

/// A [`TenantTx`] that several statements share. The server runs them one after the other, in the order in which they are polled first;
/// when one fails, those behind it do, too.
#[derive(Clone, Copy)]
pub struct Pipeline<'c> {
    conn: &'c AsyncPgConnection,
    workspace: WorkspaceId,
}

impl<'c> Pipeline<'c> {
    /// The connection, to run one query on.
    pub fn conn(self) -> &'c AsyncPgConnection {
        self.conn
    }

    /// The workspace whose rows it reaches.
    pub fn workspace_id(self) -> WorkspaceId {
        self.workspace
    }
}

impl Tx for TenantTx<'_> {
    fn conn(&mut self) -> &mut AsyncPgConnection {
        self.conn
    }

    fn workspace(&self) -> Option<WorkspaceId> {
        Some(self.workspace)
    }
}

/// A transaction on tables that belong to no tenant; it sees no tenant's rows at all.
pub struct SystemTx<'c> {
    conn: &'c mut AsyncPgConnection,
}

impl<'c> SystemTx<'c> {
    pub(crate) fn new(conn: &'c mut AsyncPgConnection) -> Self {
        Self { conn }
    }

    /// Narrows the transaction to one workspace, until it ends or is narrowed to another. The workspace travels with the statement
    /// that follows, which fails if it cannot be set.
    ///
    /// For consumers and jobs that learn from a row whose work it is.
    pub fn tenant(&mut self, workspace: WorkspaceId) -> TenantTx<'_> {
        send(select_workspace(self.conn, workspace));
        TenantTx::new(self.conn, workspace)
    }

    /// As [`TenantTx::prefer_indexes`].
    pub fn prefer_indexes(&mut self) {
        prefer_indexes(self.conn);
    }
}

impl Tx for SystemTx<'_> {
    fn conn(&mut self) -> &mut AsyncPgConnection {
        self.conn
    }

    fn workspace(&self) -> Option<WorkspaceId> {
        None
    }
}

fn prefer_indexes(mut conn: &AsyncPgConnection) {
    send(
        conn.batch_execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan"),
    );
}

/// Puts a statement on the wire, in its place in the order, and forgets it.
///
/// The client library encodes and queues a message the first time its future is polled, if the statement is
/// prepared, which `connect` sees to for the only one there is. Tokio's cooperative budget, which could make
/// that first poll idle, is out of the way.
pub(crate) fn send<T>(statement: impl Future<Output = QueryResult<T>>) {
    let _ = tokio::task::unconstrained(statement).now_or_never();
}

/// Makes the rows of `workspace` visible until the end of the transaction; outside of one it has no effect.
pub(crate) fn select_workspace<'a>(
    mut conn: &'a AsyncPgConnection,
    workspace: WorkspaceId,
) -> impl Future<Output = diesel::QueryResult<usize>> + Send + 'a {
    use diesel_async::AsyncConnectionCore;
    let query = diesel::select(set_config(SETTING, workspace.uuid().to_string(), true));
    conn.execute_returning_count(query)
}
