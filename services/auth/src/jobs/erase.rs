//! Erasing accounts whose grace is over.
//!
//! Everybody who holds something of the person is asked by event and reports by event. Who does not is asked again each
//! day. When all have reported, this service removes the account itself; that it was done, and when, stays.

use async_trait::async_trait;
use chrono::TimeDelta;
use witan_clock::Clock;
use witan_events::contracts::auth::v1::UserErased;
use witan_events::{Envelope, Event as _, HandleError, SystemHandler};
use witan_ids::UserId;
use witan_pg::{Pg, PgError, SystemTx};

use crate::audit::{Action, Audit, record};
use crate::domain::erasure::OWN;
use crate::events;
use crate::store::erasures::{
    erasure_ask_again, erasure_begin, erasure_due, erasure_lock_open, erasure_remove, erasure_report,
};

/// How long a service has before it is asked again.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// One pass.
pub(crate) async fn erase(pg: Pg, clock: Clock) -> Result<(), PgError> {
    let begin = async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
        let now = clock.now();
        let due = erasure_due(tx, now).await?;
        for user in &due {
            erasure_begin(tx, *user, now).await?;
            events::user_erasure_requested(tx, &clock, *user).await?;
            record(tx, &clock, Audit::anonymous(Action::ErasureBegun, 0).to(user)).await?;
        }
        let late = erasure_ask_again(tx, now - PATIENCE, now).await?;
        for user in &late {
            events::user_erasure_requested(tx, &clock, *user).await?;
        }
        if !late.is_empty() {
            tracing::warn!(people = late.len(), "not every service has removed what it holds of them");
        }
        Ok(due.len())
    };
    let begun = pg.tx("erasure.begin", begin).await?;
    if begun > 0 {
        tracing::info!(begun, "accounts are erased");
    }
    Ok(())
}

/// Consumes `user.erased`.
pub(crate) struct ErasureReports {
    pub(crate) clock: Clock,
}

#[async_trait]
impl SystemHandler for ErasureReports {
    fn name(&self) -> &'static str {
        "erasure-reports"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[UserErased::TYPE]
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let report = envelope.decode::<UserErased>()?;
        let user: UserId = report.user_id.parse()?;
        let now = self.clock.now();
        let open = erasure_lock_open(tx, user).await?;
        // Reports for others are not ours to take, and nobody says for us that we are done.
        if report.service == OWN || !erasure_report(tx, user, &report.service, report.rows, now).await? {
            return Ok(());
        }
        let waiting = open.iter().any(|service| *service != OWN && *service != report.service);
        if !waiting && open.iter().any(|service| service == OWN) {
            let rows = erasure_remove(tx, user).await?;
            erasure_report(tx, user, OWN, rows, now).await?;
            record(tx, &self.clock, Audit::anonymous(Action::AccountErased, 0).to(user)).await?;
        }
        Ok(())
    }
}
