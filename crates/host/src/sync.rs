//! What is decided in memory, kept true by events: revoked sessions and API keys, memberships (invariant 5),
//! entitlements and feature flags.
//!
//! Every process has a queue of its own that lives as long as its connection. Events published while it did not exist
//! are lost, so each new connection forgets memberships and keys, and asks auth for the revoked sessions. While the
//! broker is away it does so each second, so that a revocation is seen as soon as ever. When auth is away as well, the
//! state grows stale, and after a minute operations of administrators are refused rather than decided by it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use witan_access::FeatureFlagSource;
use witan_clients::ClientError;
use witan_events::contracts::auth::v1::{
    ApiKeyRevoked, ApiKeysChanged, SessionRevoked, SigningKeysReplaced, UserDeactivated,
    UserDeletionRequested, UserReactivated, UserRestored,
};
use witan_events::contracts::billing::v1::{BudgetExceeded, SubscriptionUpdated};
use witan_events::contracts::tenancy::v1::{
    FeatureFlagChanged, MemberAdded, MemberRemoved, MemberRoleChanged, RoleUpdated, WorkspaceDeleted,
    WorkspaceDeletionRequested, WorkspaceRestored, WorkspaceUpdated,
};
use witan_events::{Envelope, Event, broadcast};
use witan_ids::{SessionId, UserId};

use crate::backoff::Backoff;
use crate::{Context, flags};

const PATTERNS: &[&str] = &[
    SessionRevoked::TYPE,
    ApiKeyRevoked::TYPE,
    ApiKeysChanged::TYPE,
    SigningKeysReplaced::TYPE,
    UserDeactivated::TYPE,
    UserDeletionRequested::TYPE,
    UserReactivated::TYPE,
    UserRestored::TYPE,
    MemberAdded::TYPE,
    MemberRoleChanged::TYPE,
    MemberRemoved::TYPE,
    WorkspaceUpdated::TYPE,
    WorkspaceDeletionRequested::TYPE,
    WorkspaceRestored::TYPE,
    WorkspaceDeleted::TYPE,
    RoleUpdated::TYPE,
    FeatureFlagChanged::TYPE,
    SubscriptionUpdated::TYPE,
    BudgetExceeded::TYPE,
];
/// How often auth is asked while events arrive: they tell everything, unless one was lost on its way.
const CALM: Duration = Duration::from_secs(20);
/// How often auth is asked while they do not.
const ALONE: Duration = Duration::from_secs(1);

/// Subscribes the process.
pub(crate) fn spawn(cx: &Context, flag_source: Arc<dyn FeatureFlagSource>) {
    let flags = flags::keep(cx, flag_source);
    let missed = flags.clone();
    let (told, gap) = (cx.clone(), cx.clone());
    let (link, seen) = watch::channel(Link::Down);
    let up = Arc::new(link);
    let lost = up.clone();
    let on_gap = move || {
        forget(&gap);
        renew_keys(&gap);
        missed.notify_one();
        up.send_replace(Link::Up);
    };
    let on_loss = move || {
        lost.send_replace(Link::Down);
    };
    broadcast(&cx.amqp, &cx.lifecycle, PATTERNS, move |event| apply(&told, &flags, &event), on_gap, on_loss);
    let (kept, stopping) = (cx.clone(), cx.lifecycle.stopping());
    cx.lifecycle.spawn("revocations", async move {
        stopping.run_until_cancelled(Box::pin(keep(kept, seen))).await;
    });
}

fn apply(cx: &Context, flags: &Notify, event: &Envelope) {
    match event.event_type.as_str() {
        ApiKeyRevoked::TYPE => match event.data["keyId"].as_str().and_then(|key| key.parse().ok()) {
            Some(key) => cx.access.api_keys.revoke(key),
            None => cx.access.api_keys.clear(),
        },
        SessionRevoked::TYPE => match revoked(event) {
            Some((session, until)) => cx.access.revocations().revoke(session, until),
            None => tracing::error!(event = %event.id, "a revocation that cannot be read"),
        },
        SigningKeysReplaced::TYPE => renew_keys(cx),
        // A closed account takes its keys with it, and an open one brings them back; which they are, auth knows.
        UserDeactivated::TYPE | UserDeletionRequested::TYPE | UserReactivated::TYPE | UserRestored::TYPE => {
            cx.access.api_keys.clear();
            cx.access.outside_tokens.clear();
            forget_memberships(cx, event);
        }
        ApiKeysChanged::TYPE => cx.access.api_keys.clear(),
        // What a workspace asks of its members, what its own roles allow, and whether it will be deleted, is part of each
        // place in it.
        WorkspaceUpdated::TYPE
        | RoleUpdated::TYPE
        | WorkspaceDeletionRequested::TYPE
        | WorkspaceRestored::TYPE
        | WorkspaceDeleted::TYPE => match event.workspace_id {
            Some(workspace) => cx.access.memberships.invalidate_workspace(workspace),
            None => cx.access.memberships.clear(),
        },
        FeatureFlagChanged::TYPE => flags.notify_one(),
        SubscriptionUpdated::TYPE | BudgetExceeded::TYPE => forget_entitlement(cx, event),
        _ => forget_memberships(cx, event),
    }
}

fn forget_memberships(cx: &Context, event: &Envelope) {
    match event.data["userId"].as_str().and_then(|user| user.parse::<UserId>().ok()) {
        Some(user) => cx.access.memberships.invalidate_user(user),
        // Better to ask tenancy again than to believe something wrong.
        None => cx.access.memberships.clear(),
    }
}

/// Fetched before anybody shows a token: auth itself learns in this way what it signs with from now on.
fn renew_keys(cx: &Context) {
    let verifier = cx.access.verifier.clone();
    cx.lifecycle.spawn("signing keys", async move { verifier.renew_keys().await });
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

/// Asks auth again and again: at once when the subscription comes or goes, seldom while events arrive, each second
/// while they do not. All that makes the state fresh or stale happens here, in one order.
async fn keep(cx: Context, mut link: watch::Receiver<Link>) {
    let mut failed = Backoff::default();
    loop {
        let seen = *link.borrow_and_update();
        if seen == Link::Down {
            cx.access.freshness.lost();
        }
        let pause = match take_snapshot(&cx).await {
            Ok(()) if seen == Link::Up => {
                cx.access.freshness.following();
                failed = Backoff::default();
                CALM
            }
            Ok(()) => {
                // What no event contradicts any longer is not believed for longer than the revoked sessions are.
                forget(&cx);
                cx.access.freshness.confirmed();
                failed = Backoff::default();
                ALONE
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the revoked sessions are not known yet");
                failed.next()
            }
        };
        // The sender lives as long as the subscription does, which is as long as the process.
        let _ = tokio::time::timeout(pause, link.changed()).await;
    }
}

async fn take_snapshot(cx: &Context) -> Result<(), ClientError> {
    let revoked = cx.peers.auth.revocations().await?;
    let revoked = revoked.iter().map(|one| (one.session_id, one.access_expires_at));
    cx.access.revocations().replace_all(revoked);
    Ok(())
}

fn forget(cx: &Context) {
    cx.access.memberships.clear();
    cx.access.api_keys.clear();
    cx.access.outside_tokens.clear();
}

/// Whether events arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Up,
    Down,
}
