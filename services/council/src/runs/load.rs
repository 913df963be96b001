//! A run as whoever carries it needs it: what is asked, and what is known from those who carried it before.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};

use super::carry::Taken;
use crate::app::App;
use crate::domain::budget::{Account, RunBudget};
use crate::domain::call::{CallKey, Called, Reply};
use crate::domain::outcome::Spent;
use crate::domain::sitting::Sitting;
use crate::domain::state::RunState;
use crate::store::calls::{CallRow, call_list, call_takes};
use crate::store::leases::{lease_account, lease_delete, lease_held, lease_lock};
use crate::store::run_events::run_event_last;
use crate::store::runs::{QuestionRow, run_question, run_start, run_step};

/// A run that this process carries.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) tenant: WorkspaceId,
    pub(super) id: RunId,
    pub(super) attempt: i16,
    pub(super) question: QuestionRow,
    /// Who sits; none where that cannot be read.
    pub(super) sitting: Option<Sitting>,
    pub(super) state: RunState,
    pub(super) started_at: DateTime<Utc>,
    /// The number of the last event.
    pub(super) last_event: i32,
    /// How calls ended.
    pub(super) known: HashMap<CallKey, Called>,
    pub(super) limits: RunBudget,
    /// How long it may go on.
    pub(super) time: Option<Duration>,
}

/// Reads it, and begins it if nobody has. None when it is not this process's any more.
pub(super) async fn load(app: &App, taken: &Taken) -> Result<Option<Loaded>, PgError> {
    let (id, attempt, holder, now) = (taken.id, taken.attempt, app.holder, app.clock.now());
    let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        if !lease_held(tx, id, holder, attempt).await? {
            return Ok(None);
        }
        let Some(mut question) = run_question(tx, id).await? else {
            // It was erased.
            lease_delete(tx, id).await?;
            return Ok(None);
        };
        if question.state == RunState::Queued.as_str() {
            run_step(tx, id, RunState::Queued, RunState::Running).await?;
            run_start(tx, id, now).await?;
            question.state = RunState::Running.as_str().to_owned();
        }
        let calls = call_list(tx, id).await?;
        if attempt > 1 {
            recount(tx, id).await?;
        }
        Ok(Some((question, calls, run_event_last(tx, id).await?)))
    };
    let Some((question, calls, last_event)) = app.pg.tenant("run.load", taken.tenant, read).await? else {
        return Ok(None);
    };
    let sitting = question.sitting.clone().and_then(|sitting| serde_json::from_value(sitting).ok());
    let limits: RunBudget =
        question.budget.clone().and_then(|limits| serde_json::from_value(limits).ok()).unwrap_or_default();
    let ended: Vec<(CallRow, Called)> = calls.into_iter().map(|row| (row.clone(), called(row))).collect();
    let known = ended.into_iter().filter(|(_, called)| !called.is_cancelled());
    let known = known.filter_map(|(row, called)| Some((row.key.parse().ok()?, called))).collect();
    let started_at = question.started_at.unwrap_or(now);
    let gone = (now - started_at).to_std().unwrap_or_default();
    Ok(Some(Loaded {
        tenant: taken.tenant,
        id,
        attempt: taken.attempt,
        state: RunState::from_column(&question.state).unwrap_or(RunState::Failed),
        question,
        sitting,
        started_at,
        last_event,
        known,
        limits,
        time: limits.time().map(|time| time.saturating_sub(gone)),
    }))
}

/// What is in the journal was spent, also when the process died before it noted that.
async fn recount(tx: &mut TenantTx<'_>, id: RunId) -> Result<(), PgError> {
    let Some(lease) = lease_lock(tx, id).await? else { return Ok(()) };
    let (account, journal) = (lease.account(), call_takes(tx, id).await?);
    lease_account(tx, id, Account { spent: account.spent.most(journal), ..account }).await
}

fn called(row: CallRow) -> Called {
    let tokens = |count: i64| u64::try_from(count).unwrap_or_default();
    let usage = witan_llm::Usage {
        input_tokens: tokens(row.input_tokens),
        output_tokens: tokens(row.output_tokens),
        estimated: row.estimated,
    };
    let elapsed = Duration::from_millis(u64::try_from(row.elapsed_ms).unwrap_or_default());
    let outcome = match (row.reason, row.answer) {
        (None, Some(text)) => Ok(Reply { text, by: row.answered_by.unwrap_or_default() }),
        (reason, _) => Err(reason.unwrap_or_default()),
    };
    Called { outcome, spent: Spent { usage, cost_micros: row.cost_micros, elapsed } }
}
