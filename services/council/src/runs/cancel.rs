use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, Result, codes};

use super::record::finish_waiting;
use crate::app::App;
use crate::domain::state::RunState;
use crate::store::leases::{lease_lock, lease_request_cancel};
use crate::store::runs::{run_find, run_step};

/// What a wish to stop a run came to.
enum Came {
    /// It had ended.
    TooLate,
    /// Whoever carries it will hear of it.
    Asked,
    /// Nobody carried it: it has ended.
    Ended,
}

/// Stops a run. One that waits ends at once; one that is carried ends as soon as its process hears of it, which is at once
/// for this one and within a tenth of a second or so for others. A second wish changes nothing.
///
/// # Errors
/// 404 when there is no such run, 409 when it has ended.
pub(crate) async fn cancel(app: &App, workspace: WorkspaceId, id: RunId) -> Result<()> {
    let ask = async |tx: &mut TenantTx<'_>| -> std::result::Result<Came, PgError> {
        run_find(tx, id).await?.ok_or(PgError::NotFound)?;
        let Some(lease) = lease_lock(tx, id).await? else { return Ok(Came::TooLate) };
        // Nobody changes it now: whoever does locks its lease first.
        let run = run_find(tx, id).await?.ok_or(PgError::NotFound)?;
        let state = RunState::from_column(&run.state).unwrap_or(RunState::Failed);
        if state == RunState::Queued && lease.holder.is_none() {
            return finish_waiting(tx, &app.clock, id, run.agent).await.map(|_| Came::Ended);
        }
        if state == RunState::Cancelling {
            return Ok(Came::Asked);
        }
        let Ok(to) = state.step(RunState::Cancelling) else { return Ok(Came::TooLate) };
        run_step(tx, id, state, to).await?;
        lease_request_cancel(tx, id).await?;
        Ok(Came::Asked)
    };
    match app.pg.tenant("run.cancel", workspace, ask).await? {
        Came::TooLate => Err(Problem::new(&codes::council::RUN_ENDED)),
        Came::Asked => {
            app.stop(id);
            Ok(())
        }
        Came::Ended => Ok(()),
    }
}
