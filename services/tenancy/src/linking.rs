//! The link by which who holds its secret becomes a MEMBER: made, changed and used with its row held, so that of many
//! who join at once no more get in than may.

use chrono::{DateTime, SubsecRound, Utc};
use witan_access::permission;
use witan_ids::UserId;
use witan_pg::{SystemTx, TenantTx};
use witan_web::{Problem, codes};

use crate::actor::{Actor, Forbidden};
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::rights::Rights;
use crate::domain::role::Role;
use crate::domain::secret::Secret;
use crate::events::join_link as events;
use crate::joining::join;
use crate::store::bind::see_by_secret;
use crate::store::join_links::{
    JoinLinkRow, join_link_by_digest, join_link_delete, join_link_lock, join_link_save,
};
use crate::store::workspaces::{WorkspaceRow, workspace_find, workspace_lock};

/// What everybody becomes who joins by it.
pub(crate) const ROLE: Role = Role::Member;

/// Makes the link, or changes the one there is; gives the secret of a new one, which is shown this once.
pub(crate) async fn set(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    by: UserId,
    (max_uses, expires_at): (i32, DateTime<Utc>),
) -> Result<(JoinLinkRow, Option<Secret>), Problem> {
    let now = app.clock.now().trunc_subsecs(3);
    workspace_lock(tx).await?;
    check_reach(tx, actor).await?;
    let (row, secret) = match join_link_lock(tx).await? {
        Some(row) => (JoinLinkRow { max_uses, expires_at, updated_at: now, ..row }, None),
        None => {
            let secret = Secret::generate(&app.clock);
            let row = JoinLinkRow {
                workspace_id: tx.workspace_id(),
                digest: secret.digest(),
                max_uses,
                uses: 0,
                expires_at,
                created_by: by,
                created_at: now,
                updated_at: now,
            };
            (row, Some(secret))
        }
    };
    join_link_save(tx, &row).await?;
    let action = if secret.is_some() { "JOIN_LINK_CREATED" } else { "JOIN_LINK_CHANGED" };
    tell(tx, app, actor, action).await?;
    Ok((row, secret))
}

/// Gives the link another secret, and counts anew.
pub(crate) async fn rotate(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
) -> Result<(JoinLinkRow, Secret), Problem> {
    workspace_lock(tx).await?;
    check_reach(tx, actor).await?;
    let mut row = join_link_lock(tx).await?.ok_or_else(Problem::not_found)?;
    let secret = Secret::generate(&app.clock);
    (row.digest, row.uses) = (secret.digest(), 0);
    row.updated_at = app.clock.now().trunc_subsecs(3);
    join_link_save(tx, &row).await?;
    tell(tx, app, actor, "JOIN_LINK_ROTATED").await?;
    Ok((row, secret))
}

/// Nobody joins by the link from now on; once more changes nothing.
pub(crate) async fn remove(tx: &mut TenantTx<'_>, app: &App, actor: &Actor) -> Result<(), Problem> {
    workspace_lock(tx).await?;
    if join_link_delete(tx).await? {
        tell(tx, app, actor, "JOIN_LINK_REMOVED").await?;
    }
    Ok(())
}

/// The workspace that the secret leads to, while it does.
pub(crate) async fn look_up(
    tx: &mut SystemTx<'_>,
    app: &App,
    token: &str,
) -> Result<(WorkspaceRow, JoinLinkRow), Problem> {
    let found = find(tx, token).await?;
    let mut tx = tx.tenant(found.workspace_id);
    check_open(&found, app.clock.now())?;
    let workspace = workspace_find(&mut tx).await?.ok_or_else(Problem::not_found)?;
    Ok((workspace, found))
}

/// Makes the person a member.
pub(crate) async fn follow(
    tx: &mut SystemTx<'_>,
    app: &App,
    token: &str,
    user: UserId,
    by: &Author,
) -> Result<WorkspaceRow, Problem> {
    let found = find(tx, token).await?;
    let mut tx = tx.tenant(found.workspace_id);
    let row = join_link_lock(&mut tx).await?.filter(|row| row.digest == found.digest);
    let mut row = row.ok_or_else(invalid)?;
    check_open(&row, app.clock.now())?;
    join(&mut tx, &app.clock, user, ROLE).await?;
    row.uses += 1;
    join_link_save(&mut tx, &row).await?;
    let entry = Entry::new("MEMBER_JOINED", user).detail("by", "link");
    audit::record(&mut tx, &app.clock, by, entry).await?;
    workspace_find(&mut tx).await?.ok_or_else(Problem::not_found)
}

async fn find(tx: &mut SystemTx<'_>, token: &str) -> Result<JoinLinkRow, Problem> {
    let digest = Secret::parse(token).ok_or_else(invalid)?.digest();
    see_by_secret(tx, &digest).await?;
    join_link_by_digest(tx, &digest).await?.ok_or_else(invalid)
}

fn invalid() -> Problem {
    Problem::new(&codes::tenancy::JOIN_LINK_INVALID)
}

fn check_open(row: &JoinLinkRow, now: DateTime<Utc>) -> Result<(), Problem> {
    if row.expires_at <= now {
        return Err(Problem::new(&codes::tenancy::JOIN_LINK_EXPIRED));
    }
    if row.uses >= row.max_uses {
        return Err(Problem::new(&codes::tenancy::JOIN_LINK_USED_UP));
    }
    Ok(())
}

/// Refuses who would give more than they have.
async fn check_reach(tx: &mut TenantTx<'_>, actor: &Actor) -> Result<(), Problem> {
    let own = actor.rights(tx, permission::MEMBERS_MANAGE).await??;
    if own.cover(&Rights::of(ROLE, &[])) { Ok(()) } else { Err(Forbidden::Exceeded.into()) }
}

async fn tell(tx: &mut TenantTx<'_>, app: &App, actor: &Actor, action: &'static str) -> Result<(), Problem> {
    events::changed(tx, &app.clock, action).await?;
    audit::record(tx, &app.clock, &actor.author, Entry::new(action, actor.workspace)).await?;
    Ok(())
}
