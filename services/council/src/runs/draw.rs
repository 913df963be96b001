//! Runs that are started by a run: what they may take comes out of its budget.
//!
//! When one begins, its whole budget is set aside from what the other has left, calls under way included; when it ends, what
//! it took takes the place of that. Both happen under the lock of the other's lease, as its own calls do (see `purse`), so
//! that all which begins at the same time shares what there is. Leases are locked from the top down.

use chrono::{DateTime, Utc};
use witan_ids::RunId;
use witan_pg::{PgError, TenantTx};

use crate::domain::budget::{Account, RunBudget, Take};
use crate::domain::state::RunState;
use crate::store::leases::{lease_account, lease_lock};
use crate::store::runs::run_find;

/// How many runs may stand above one.
pub(super) const MAX_DEPTH: i16 = 3;

/// What came of the wish to begin a run below another one.
pub(super) enum Drawn {
    /// It may take this.
    Within { budget: RunBudget, depth: i16 },
    /// There is no such run under way.
    NoParent,
    /// There are too many runs above it.
    TooDeep,
    /// There is nothing left.
    Exhausted,
}

/// Sets aside what a run may take of another one's budget.
pub(super) async fn draw(
    tx: &mut TenantTx<'_>,
    parent: RunId,
    wish: RunBudget,
    now: DateTime<Utc>,
) -> Result<Drawn, PgError> {
    let Some(run) = run_find(tx, parent).await? else { return Ok(Drawn::NoParent) };
    let Some(lease) = lease_lock(tx, parent).await? else { return Ok(Drawn::NoParent) };
    if run.state != RunState::Running.as_str() || lease.cancel_requested {
        return Ok(Drawn::NoParent);
    }
    if run.depth >= MAX_DEPTH {
        return Ok(Drawn::TooDeep);
    }
    let limits: RunBudget =
        run.budget.and_then(|limits| serde_json::from_value(limits).ok()).unwrap_or_default();
    let account = lease.account();
    let gone = (now - run.started_at.unwrap_or(now)).to_std().unwrap_or_default();
    let budget = wish.and(limits.left(account.gone(), gone));
    if budget.is_empty() {
        return Ok(Drawn::Exhausted);
    }
    let drawn = account.drawn.plus(budget.most());
    lease_account(tx, parent, Account { drawn, ..account }).await?;
    Ok(Drawn::Within { budget, depth: run.depth + 1 })
}

/// Replaces what was set aside by what the run took.
pub(super) async fn settle(
    tx: &mut TenantTx<'_>,
    parent: RunId,
    budget: RunBudget,
    took: Take,
) -> Result<(), PgError> {
    // It may have ended before those that it started.
    let Some(lease) = lease_lock(tx, parent).await? else { return Ok(()) };
    let account = lease.account();
    let drawn = account.drawn.minus(budget.most()).plus(took);
    lease_account(tx, parent, Account { drawn, ..account }).await
}
