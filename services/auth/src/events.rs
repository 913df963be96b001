//! What auth tells the others. Each is stored in the transaction of the change it reports.

use chrono::{DateTime, Utc};
use witan_clock::Clock;
use witan_events::contracts::auth::v1::{
    ApiKeyCreated, ApiKeyRevoked, ApiKeysChanged, SessionRevoked, SessionStarted, SigningKeysReplaced,
    UserDeactivated, UserDeletionRequested, UserEmailChanged, UserErasureRequested, UserReactivated,
    UserRegistered, UserRenamed, UserRestored, UserVerified,
};
use witan_events::publish;
use witan_ids::{KeyId, SessionId, UserId, WorkspaceId};
use witan_pg::{PgError, Tx};

use crate::domain::api_key::KeyEnd;
use crate::domain::session::RevocationReason;
use crate::store::api_keys::ApiKeyRow;
use crate::store::sessions::RevokedSession;

/// Somebody signed up; the address is not proved yet.
pub(crate) async fn user_registered(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    email: &str,
) -> Result<(), PgError> {
    let event = UserRegistered { user_id: user.to_string(), email: email.to_ascii_lowercase() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// The address was proved and the account is open.
pub(crate) async fn user_verified(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    email: &str,
    name: &str,
) -> Result<(), PgError> {
    let event =
        UserVerified { user_id: user.to_string(), email: email.to_ascii_lowercase(), name: name.to_owned() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// Somebody is called something else from now on.
pub(crate) async fn user_renamed(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    name: &str,
) -> Result<(), PgError> {
    let event = UserRenamed { user_id: user.to_string(), name: name.to_owned() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// Somebody is reached under another address from now on.
pub(crate) async fn user_email_changed(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    email: &str,
) -> Result<(), PgError> {
    let event = UserEmailChanged { user_id: user.to_string(), email: email.to_ascii_lowercase() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// An account was closed.
pub(crate) async fn user_deactivated(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    suspended: bool,
) -> Result<(), PgError> {
    let event = UserDeactivated { user_id: user.to_string(), suspended };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// A closed account is open again.
pub(crate) async fn user_reactivated(tx: &mut impl Tx, clock: &Clock, user: UserId) -> Result<(), PgError> {
    let event = UserReactivated { user_id: user.to_string() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// An account was closed, to be erased.
pub(crate) async fn user_deletion_requested(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    due_at: DateTime<Utc>,
) -> Result<(), PgError> {
    let event = UserDeletionRequested { user_id: user.to_string(), due_at: Some(due_at.into()) };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// The deletion of an account was taken back.
pub(crate) async fn user_restored(tx: &mut impl Tx, clock: &Clock, user: UserId) -> Result<(), PgError> {
    let event = UserRestored { user_id: user.to_string() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// Everybody removes what they hold of the person.
pub(crate) async fn user_erasure_requested(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
) -> Result<(), PgError> {
    let event = UserErasureRequested { user_id: user.to_string() };
    publish(tx, clock, &event.user_id.clone(), &event).await.map(drop)
}

/// Somebody logged in.
pub(crate) async fn session_started(
    tx: &mut impl Tx,
    clock: &Clock,
    session: SessionId,
    user: UserId,
) -> Result<(), PgError> {
    let event = SessionStarted { session_id: session.to_string(), user_id: user.to_string() };
    publish(tx, clock, &event.session_id.clone(), &event).await.map(drop)
}

/// Somebody made an API key.
pub(crate) async fn api_key_created(tx: &mut impl Tx, clock: &Clock, key: &ApiKeyRow) -> Result<(), PgError> {
    let event = ApiKeyCreated {
        key_id: key.id.to_string(),
        user_id: key.created_by.to_string(),
        workspace_id: key.workspace.map(|workspace| workspace.to_string()).unwrap_or_default(),
    };
    publish(tx, clock, &event.key_id.clone(), &event).await.map(drop)
}

/// An API key ended early: every service must refuse it from now on.
pub(crate) async fn api_key_revoked(
    tx: &mut impl Tx,
    clock: &Clock,
    key: &ApiKeyRow,
    end: KeyEnd,
) -> Result<(), PgError> {
    let event = ApiKeyRevoked {
        key_id: key.id.to_string(),
        user_id: key.created_by.to_string(),
        workspace_id: key.workspace.map(|workspace| workspace.to_string()).unwrap_or_default(),
        reason: end.as_str().to_owned(),
    };
    publish(tx, clock, &event.key_id.clone(), &event).await.map(drop)
}

/// A log-in ended early: every service must refuse its access tokens from now on.
pub(crate) async fn session_revoked(
    tx: &mut impl Tx,
    clock: &Clock,
    session: &RevokedSession,
    reason: RevocationReason,
) -> Result<(), PgError> {
    let event = SessionRevoked {
        session_id: session.id.to_string(),
        user_id: session.user_id.to_string(),
        reason: reason.as_str().to_owned(),
        access_expires_at: Some(session.access_expires_at.into()),
    };
    publish(tx, clock, &event.session_id.clone(), &event).await.map(drop)
}

/// A key may have leaked: what was signed until now must be refused everywhere.
pub(crate) async fn signing_keys_replaced(
    tx: &mut impl Tx,
    clock: &Clock,
    key: KeyId,
) -> Result<(), PgError> {
    publish(tx, clock, "signing-keys", &SigningKeysReplaced { key_id: key.to_string() }).await.map(drop)
}

/// Whether the keys of a workspace hold changed, of all of them.
pub(crate) async fn api_keys_changed(
    tx: &mut impl Tx,
    clock: &Clock,
    workspace: WorkspaceId,
) -> Result<(), PgError> {
    let event = ApiKeysChanged { workspace_id: workspace.to_string() };
    publish(tx, clock, &event.workspace_id.clone(), &event).await.map(drop)
}
