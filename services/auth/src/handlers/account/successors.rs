//! Workspaces must not be left without an administrator.

use std::collections::HashSet;
use std::time::Duration;

use witan_clients::Administered;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::store::accounts::account_lock_open;

/// When to ask again whoever does not answer.
const RETRY: Duration = Duration::from_secs(2);

/// The workspaces that the user runs and others belong to, as tenancy knows them. For a while it keeps somebody else in
/// charge of each, so that nobody slips away between this answer and the closing.
pub(super) async fn administered(app: &App, user: UserId) -> Result<Vec<Administered>, Problem> {
    let answer = app.peers.tenancy.announce_closing(user).await;
    answer.map_err(|error| Problem::new(&codes::DEPENDENCY_UNAVAILABLE).retry_after(RETRY).source(error))
}

/// Those of the workspaces that nobody with an open account would run but the user.
///
/// The accounts of all of their administrators are held until the transaction ends: of two who close theirs at the same
/// time, the second one sees that the first has gone, whatever tenancy has heard of it.
pub(super) async fn orphaned(
    tx: &mut SystemTx<'_>,
    user: UserId,
    administered: &[Administered],
) -> Result<Vec<WorkspaceId>, PgError> {
    let mut ids: Vec<UserId> = administered.iter().flat_map(|one| one.admins.iter().copied()).collect();
    ids.push(user);
    let open: HashSet<UserId> = account_lock_open(tx, &ids).await?.into_iter().collect();
    let has_successor =
        |one: &&Administered| one.admins.iter().any(|admin| *admin != user && open.contains(admin));
    let orphaned = administered.iter().filter(|one| !has_successor(one));
    Ok(orphaned.map(|one| one.workspace_id).collect())
}
