//! What is decided in memory, kept true by events: revoked sessions, memberships (invariant 5) and entitlements.
//!
//! Every process has a queue of its own that lives as long as its connection. Events published while it did not exist
//! are lost, so each new connection forgets the memberships and asks auth for the revoked sessions. While the broker is
//! away a change takes longer to be seen: a membership is believed for half a minute, a token ends by itself.

use std::time::Duration;

use chrono::{DateTime, Utc};
use witan_events::contracts::auth::v1::SessionRevoked;
use witan_events::contracts::billing::v1::{BudgetExceeded, SubscriptionUpdated};
use witan_events::contracts::tenancy::v1::{MemberAdded, MemberRemoved, MemberRoleChanged};
use witan_events::{Envelope, Event, broadcast};
use witan_ids::{SessionId, UserId};

use crate::Context;

const PATTERNS: &[&str] = &[
    SessionRevoked::TYPE,
    MemberAdded::TYPE,
    MemberRoleChanged::TYPE,
    MemberRemoved::TYPE,
    SubscriptionUpdated::TYPE,
    BudgetExceeded::TYPE,
];
/// Pauses between attempts to ask auth, which may be starting at the same time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Subscribes the process.
pub(crate) fn spawn(cx: &Context) {
    let (told, gap) = (cx.clone(), cx.clone());
    broadcast(&cx.amqp, &cx.lifecycle, PATTERNS, move |event| apply(&told, &event), move || resync(&gap));
}

fn apply(cx: &Context, event: &Envelope) {
    match event.event_type.as_str() {
        SessionRevoked::TYPE => match revoked(event) {
            Some((session, until)) => cx.access.revocations().revoke(session, until),
            None => tracing::error!(event = %event.id, "a revocation that cannot be read"),
        },
        SubscriptionUpdated::TYPE | BudgetExceeded::TYPE => forget_entitlement(cx, event),
        _ => match event.data["userId"].as_str().and_then(|user| user.parse::<UserId>().ok()) {
            Some(user) => cx.access.memberships.invalidate_user(user),
            // Better to ask tenancy again than to believe something wrong.
            None => cx.access.memberships.clear(),
        },
    }
}

fn forget_entitlement(cx: &Context, event: &Envelope) {
    if let Some(workspace) = event.workspace_id {
        let billing = cx.peers.billing.clone();
        cx.lifecycle.spawn("entitlement", async move { billing.forget(workspace).await });
    }
}

fn revoked(event: &Envelope) -> Option<(SessionId, DateTime<Utc>)> {
    let revoked = event.decode::<SessionRevoked>().ok()?;
    let until = revoked.access_expires_at?;
    let until = DateTime::from_timestamp(until.seconds, u32::try_from(until.nanos).ok()?)?;
    Some((revoked.session_id.parse().ok()?, until))
}

/// Events may have been missed.
fn resync(cx: &Context) {
    cx.access.memberships.clear();
    let cx = cx.clone();
    cx.lifecycle.clone().spawn("revocations", async move {
        let stopping = cx.lifecycle.stopping();
        stopping.run_until_cancelled(take_snapshot(&cx)).await;
    });
}

async fn take_snapshot(cx: &Context) {
    let mut pause = FIRST_PAUSE;
    loop {
        match cx.peers.auth.revocations().await {
            Ok(revoked) => {
                let revoked = revoked.iter().map(|one| (one.session_id, one.access_expires_at));
                return cx.access.revocations().replace_all(revoked);
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the revoked sessions are not known yet"
                );
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
