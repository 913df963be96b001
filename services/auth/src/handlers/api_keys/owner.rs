//! Who may have a hand in whose keys.

use witan_access::{Membership, Permission, Scope, permission};
use witan_ids::WorkspaceId;
use witan_web::{Caller, Problem, codes};

use crate::app::App;
use crate::domain::api_key::KeyOwner;
use crate::store::api_keys::ApiKeyRow;

/// What it takes to see and end the keys of a workspace. A key is as good as a member.
const NEEDED: Permission = permission::MEMBERS_MANAGE;

/// Whose keys are meant: the caller's own, or those of a workspace whose members they manage.
pub(super) async fn owner(
    app: &App,
    caller: &Caller,
    workspace: Option<WorkspaceId>,
) -> Result<KeyOwner, Problem> {
    match workspace {
        None => Ok(KeyOwner::User(caller.user_id)),
        Some(workspace) => manager(app, caller, workspace).await.map(|_| KeyOwner::Workspace(workspace)),
    }
}

/// The owner of a new key. Nobody gives a key to a workspace that could do there what they cannot.
pub(super) async fn owner_of_new(
    app: &App,
    caller: &Caller,
    workspace: Option<WorkspaceId>,
    scopes: &[Scope],
) -> Result<KeyOwner, Problem> {
    let Some(workspace) = workspace else { return Ok(KeyOwner::User(caller.user_id)) };
    let place = manager(app, caller, workspace).await?;
    let covered = |permission: &&Permission| scopes.iter().any(|scope| scope.covers(**permission));
    match permission::ALL.iter().filter(covered).find(|permission| !place.allows(**permission)) {
        Some(beyond) => Err(Problem::new(&codes::PERMISSION_DENIED)
            .detail(format!("A key with these scopes would have the permission {beyond}, which you lack."))),
        None => Ok(KeyOwner::Workspace(workspace)),
    }
}

/// Whether the caller may see and end this key. Somebody else's is as absent as one that never was.
pub(super) async fn check(app: &App, caller: &Caller, key: &ApiKeyRow) -> Result<(), Problem> {
    match key.owner() {
        Some(KeyOwner::User(user)) if user == caller.user_id => Ok(()),
        Some(KeyOwner::Workspace(workspace)) => match manager(app, caller, workspace).await {
            Err(problem) if problem.status().is_client_error() => Err(Problem::not_found()),
            place => place.map(drop),
        },
        _ => Err(Problem::not_found()),
    }
}

async fn manager(
    app: &App,
    caller: &Caller,
    workspace: WorkspaceId,
) -> Result<std::sync::Arc<Membership>, Problem> {
    let place = app.memberships.find(caller.user_id, Some(workspace)).await?;
    let place =
        place.filter(|place| place.active).ok_or_else(|| Problem::new(&codes::WORKSPACE_NOT_FOUND))?;
    if place.wants_more_of(caller) {
        return Err(Problem::new(&codes::SECOND_FACTOR_REQUIRED));
    }
    if place.deletion_pending {
        return Err(Problem::new(&codes::WORKSPACE_DELETION_PENDING));
    }
    match place.allows(NEEDED) {
        true => Ok(place),
        false => {
            Err(Problem::new(&codes::PERMISSION_DENIED).detail(format!("It needs the permission {NEEDED}.")))
        }
    }
}
