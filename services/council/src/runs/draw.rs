//! Runs that are started by a run: what they may take comes out of its budget.
//!
//! When one begins, its whole budget is set aside from what the other has left; when it ends, what it took takes the place of
//! that. Both happen under the lock of the other's lease, so that runs which begin at the same time share what there is. The
//! process that carries the other hears of it within a tenth of a second; calls of its own that are under way at that moment
//! were reserved by it alone.

use chrono::{DateTime, Utc};
use witan_ids::RunId;
use witan_pg::{PgError, TenantTx};

use crate::domain::budget::{RunBudget, Take};
use crate::domain::state::RunState;
use crate::store::calls::call_takes;
use crate::store::leases::{LeaseRow, lease_draw, lease_lock};
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
    let spent = call_takes(tx, parent).await?.plus(drawn(&lease));
    let gone = (now - run.started_at.unwrap_or(now)).to_std().unwrap_or_default();
    let budget = wish.and(limits.left(spent, gone));
    if budget.is_empty() {
        return Ok(Drawn::Exhausted);
    }
    lease_draw(tx, parent, drawn(&lease).plus(budget.most())).await?;
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
    lease_draw(tx, parent, drawn(&lease).minus(budget.most()).plus(took)).await
}

/// What runs below it have taken, or may take.
pub(super) fn drawn(lease: &LeaseRow) -> Take {
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Take {
        cost_micros: count(lease.drawn_cost),
        tokens: count(lease.drawn_tokens),
        calls: count(lease.drawn_calls),
    }
}
