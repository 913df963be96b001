use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;
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

    /// Narrows the transaction to one workspace, until it ends or is narrowed to another.
    ///
    /// For consumers and jobs that learn from a row whose work it is.
    ///
    /// # Errors
    /// When the setting cannot be made.
    pub async fn tenant(&mut self, workspace: WorkspaceId) -> Result<TenantTx<'_>, crate::PgError> {
        select_workspace(self.conn, workspace).await?;
        Ok(TenantTx::new(self.conn, workspace))
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

/// Makes the rows of `workspace` visible until the end of the transaction; outside of one it has no effect.
pub(crate) fn select_workspace<'a>(
    mut conn: &'a AsyncPgConnection,
    workspace: WorkspaceId,
) -> impl Future<Output = diesel::QueryResult<usize>> + Send + 'a {
    use diesel_async::AsyncConnectionCore;
    let query = diesel::select(set_config(SETTING, workspace.uuid().to_string(), true));
    conn.execute_returning_count(query)
}
