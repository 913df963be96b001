//! What is left of a person who left.

use diesel::prelude::*;
use diesel::{delete, update};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};

use crate::schema::{first_workspaces, people, places as table, projects, startups, workspaces};
use crate::store::feature_flags::flags_forget;

/// Who did something, once nobody may know any longer.
pub(crate) const NOBODY: UserId = UserId::from_uuid(Uuid::nil());

/// The workspaces in which a person left something.
pub(crate) async fn places(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<WorkspaceId>, PgError> {
    let query = table::table.filter(table::user_id.eq(user)).order(table::tenant).select(table::tenant);
    Ok(query.load(tx.conn()).await?)
}

/// What the person made in a workspace was made by nobody.
pub(crate) async fn forget_creator(tx: &mut TenantTx<'_>, user: UserId) -> Result<usize, PgError> {
    let id = tx.workspace_id();
    let own = workspaces::table.find(id).filter(workspaces::created_by.eq(user));
    let made = startups::table.filter(startups::workspace_id.eq(id)).filter(startups::created_by.eq(user));
    let begun = projects::table.filter(projects::workspace_id.eq(id)).filter(projects::created_by.eq(user));
    let ended = workspaces::table.find(id).filter(workspaces::deletion_requested_by.eq(user));
    update(ended).set(workspaces::deletion_requested_by.eq(NOBODY)).execute(tx.conn()).await?;
    let workspaces = update(own).set(workspaces::created_by.eq(NOBODY)).execute(tx.conn()).await?;
    let startups = update(made).set(startups::created_by.eq(NOBODY)).execute(tx.conn()).await?;
    let projects = update(begun).set(projects::created_by.eq(NOBODY)).execute(tx.conn()).await?;
    Ok(workspaces + startups + projects)
}

/// Who the person was. Needs `see_as`.
pub(crate) async fn forget_person(tx: &mut SystemTx<'_>, user: UserId) -> Result<usize, PgError> {
    let first = delete(first_workspaces::table.find(user)).execute(tx.conn()).await?;
    let named = flags_forget(tx, "USER", user.uuid()).await?;
    delete(table::table.filter(table::user_id.eq(user))).execute(tx.conn()).await?;
    Ok(first + named + delete(people::table.find(user)).execute(tx.conn()).await?)
}
