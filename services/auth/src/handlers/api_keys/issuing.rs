//! Making a key, within a transaction of the caller's.

use chrono::TimeDelta;
use witan_access::Scope;
use witan_access::api_key::ApiKeyProof;
use witan_ids::{ApiKeyId, UserId};
use witan_pg::{PgError, Tx};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::api_key::{KeyEnd, KeyOwner, MOST_KEYS};
use crate::events;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::api_keys::{ApiKeyRow, NewApiKey, api_key_count, api_key_insert, api_key_revoke};

/// A key that somebody wants.
pub(super) struct Wish {
    pub(super) owner: KeyOwner,
    pub(super) by: UserId,
    pub(super) name: String,
    pub(super) scopes: Vec<Scope>,
    /// How `by` was proved.
    pub(super) methods: Vec<String>,
    pub(super) lasts: TimeDelta,
}

/// Stores the key and says so to the others; `None` when its owner has too many. The caller holds the owner's lock.
pub(super) async fn issue(
    tx: &mut impl Tx,
    app: &App,
    wish: &Wish,
    proof: &ApiKeyProof,
    client: &Client,
) -> Result<Option<ApiKeyRow>, PgError> {
    let now = app.clock.now();
    if api_key_count(tx, wish.owner, now).await? >= MOST_KEYS {
        return Ok(None);
    }
    let key = NewApiKey {
        id: ApiKeyId::generate(&app.clock),
        proof,
        owner: wish.owner,
        created_by: wish.by,
        name: &wish.name,
        scopes: &wish.scopes,
        methods: &wish.methods,
        expires_at: now + wish.lasts,
    };
    let row = api_key_insert(tx, &key, now).await?;
    events::api_key_created(tx, &app.clock, &row).await?;
    tell(tx, app, &row, Action::ApiKeyCreated, wish.by, client).await?;
    queue_security_notice(tx, &app.clock, wish.by, Topic::ApiKeyCreated, None).await?;
    Ok(Some(row))
}

/// Ends the key and says so to the others; says whether it was still good.
///
/// After the commit the caller has this process refuse it at once.
pub(super) async fn end(
    tx: &mut impl Tx,
    app: &App,
    key: &ApiKeyRow,
    end: KeyEnd,
    (by, client): (UserId, &Client),
) -> Result<bool, PgError> {
    let ended = api_key_revoke(tx, key.id, end, app.clock.now()).await?;
    if ended {
        events::api_key_revoked(tx, &app.clock, key, end).await?;
        tell(tx, app, key, Action::ApiKeyRevoked, by, client).await?;
        queue_security_notice(tx, &app.clock, key.created_by, Topic::ApiKeyRevoked, None).await?;
    }
    Ok(ended)
}

async fn tell(
    tx: &mut impl Tx,
    app: &App,
    key: &ApiKeyRow,
    action: Action,
    by: UserId,
    client: &Client,
) -> Result<(), PgError> {
    let entry = Audit::new(action, by).to(key.id).by(client);
    let entry = match key.workspace {
        Some(workspace) => entry.in_workspace(workspace),
        None => entry,
    };
    record(tx, &app.clock, entry).await
}
