use witan_clock::Clock;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, Result, codes};

use super::record::{finish_waiting, lock_parent};
use crate::app::App;
use crate::domain::state::RunState;
use crate::store::leases::{lease_lock, lease_request_cancel};
use crate::store::runs::{run_children, run_find, run_step};

/// What a wish to stop a run came to.
enum Came {
    /// It had ended.
    TooLate,
    /// Whoever carries it will hear of it.
    Asked,
    /// Nobody carried it: it has ended.
    Ended,
}

/// Stops a run, and every run that it started. One that waits ends at once; one that is carried ends as soon as its process
/// hears of it, which is at once for this one and within a tenth of a second or so for others. A second wish changes nothing.
///
/// # Errors
/// 404 when there is no such run, 409 when it has ended.
pub(crate) async fn cancel(app: &App, workspace: WorkspaceId, id: RunId) -> Result<()> {
    let ask = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        run_find(tx, id).await?.ok_or(PgError::NotFound)?;
        let (mut carried, mut all) = (Vec::new(), vec![id]);
        // From the top down, as leases are locked everywhere. Nothing begins below a run that is to stop.
        while let Some(next) = all.pop() {
            match stop(tx, &app.clock, next).await? {
                Came::TooLate if next == id => return Ok(None),
                Came::Asked => carried.push(next),
                Came::TooLate | Came::Ended => {}
            }
            all.extend(run_children(tx, next).await?);
        }
        Ok(Some(carried))
    };
    let asked = app.pg.tenant("run.cancel", workspace, ask).await?;
    let carried = asked.ok_or_else(|| Problem::new(&codes::council::RUN_ENDED))?;
    carried.into_iter().for_each(|run| app.stop(run));
    Ok(())
}

async fn stop(tx: &mut TenantTx<'_>, clock: &Clock, id: RunId) -> std::result::Result<Came, PgError> {
    lock_parent(tx, id).await?;
    let Some(lease) = lease_lock(tx, id).await? else { return Ok(Came::TooLate) };
    // Nobody changes it now: whoever does locks its lease first.
    let run = run_find(tx, id).await?.ok_or(PgError::NotFound)?;
    let state = RunState::from_column(&run.state).unwrap_or(RunState::Failed);
    if state == RunState::Queued && lease.holder.is_none() {
        return finish_waiting(tx, clock, id, run.agent).await.map(|_| Came::Ended);
    }
    if state == RunState::Cancelling {
        return Ok(Came::Asked);
    }
    let Ok(to) = state.step(RunState::Cancelling) else { return Ok(Came::TooLate) };
    run_step(tx, id, state, to).await?;
    lease_request_cancel(tx, id).await?;
    Ok(Came::Asked)
}
