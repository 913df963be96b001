//! One transaction, from BEGIN to COMMIT.

use diesel::IntoSql;
use diesel::connection::TransactionDepthChange;
use diesel::sql_types::Integer;
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use witan_ids::WorkspaceId;

use crate::PgError;
use crate::lease::Lease;
use crate::note::Pending;
use crate::tx::{select_workspace, send};
use crate::watch::Watch;

/// Begins a transaction that may write. BEGIN and the workspace travel with whatever comes first in it.
///
/// Should BEGIN fail, nothing is written: outside such a transaction a connection only reads.
pub(crate) fn begin(lease: &mut Lease, workspace: Option<WorkspaceId>) -> Result<Watch, PgError> {
    let watch = Watch::default();
    {
        let conn: &AsyncPgConnection = lease;
        let mut begin = conn;
        send(begin.batch_execute("BEGIN READ WRITE"));
        if let Some(workspace) = workspace {
            send(select_workspace(conn, workspace));
        }
    }
    lease.set_instrumentation(watch.clone());
    mark(lease, TransactionDepthChange::IncreaseDepth)?;
    Ok(watch)
}

/// Commits, unless the server would quietly roll back: COMMIT of a transaction in which a statement failed
/// reports success.
pub(crate) async fn commit(lease: &mut Lease, watch: &Watch) -> Result<(), PgError> {
    if watch.failed() {
        diesel::select(1_i32.into_sql::<Integer>()).execute(&mut **lease).await?;
    }
    let note = Pending::write(&mut *lease).await?;
    lease.batch_execute("COMMIT").await?;
    note.settle();
    mark(lease, TransactionDepthChange::DecreaseDepth)
}

/// Rolls back and says whether the connection is fit for the next one.
pub(crate) async fn rollback(lease: &mut Lease) -> bool {
    lease.batch_execute("ROLLBACK").await.is_ok()
        && mark(lease, TransactionDepthChange::DecreaseDepth).is_ok()
}

/// Sends BEGIN and the workspace without waiting for the answers: whatever comes next on the connection is
/// executed after them.
///
/// Should one of them fail, nothing is seen or written: the transaction is aborted, or has no workspace.
pub(crate) fn begin_read(conn: &AsyncPgConnection, workspace: WorkspaceId) {
    let mut begin = conn;
    send(begin.batch_execute("BEGIN READ ONLY"));
    send(select_workspace(conn, workspace));
}

/// Ends a read without waiting for the answer.
pub(crate) fn end_read(mut conn: &AsyncPgConnection) {
    send(conn.batch_execute("COMMIT"));
}

/// Lets statements outside a transaction write, without waiting for the answer.
pub(crate) fn begin_write(mut conn: &AsyncPgConnection) {
    send(conn.batch_execute("SET default_transaction_read_only = off"));
}

/// The end of that.
pub(crate) fn end_write(mut conn: &AsyncPgConnection) {
    send(conn.batch_execute("SET default_transaction_read_only = on"));
}

/// Tells Diesel that a transaction began or ended, so that one inside it becomes a savepoint.
fn mark(lease: &mut Lease, change: TransactionDepthChange) -> Result<(), PgError> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(&mut **lease);
    Ok(status.transaction_state()?.change_transaction_depth(change)?)
}
