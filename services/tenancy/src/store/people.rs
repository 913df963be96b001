use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx as _};

use crate::schema::{first_workspaces, members, people};
use crate::store::workspaces::see_as;

/// Writes down who a person is. Needs `see_as`.
pub(crate) async fn person_save(
    tx: &mut SystemTx<'_>,
    user: UserId,
    email: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        people::user_id.eq(user),
        people::email.eq(email),
        people::name.eq(name),
        people::updated_at.eq(now),
    );
    diesel::insert_into(people::table)
        .values(row)
        .on_conflict(people::user_id)
        .do_update()
        .set((
            people::email.eq(excluded(people::email)),
            people::name.eq(excluded(people::name)),
            people::updated_at.eq(excluded(people::updated_at)),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What a person is called from now on. Needs `see_as`.
pub(crate) async fn person_rename(
    tx: &mut SystemTx<'_>,
    user: UserId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (people::name.eq(name), people::updated_at.eq(now));
    diesel::update(people::table.find(user)).set(values).execute(tx.conn()).await?;
    Ok(())
}

/// Where a person is reached from now on. Needs `see_as`.
pub(crate) async fn person_move(
    tx: &mut SystemTx<'_>,
    user: UserId,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (people::email.eq(email), people::updated_at.eq(now));
    diesel::update(people::table.find(user)).set(values).execute(tx.conn()).await?;
    Ok(())
}

/// Notes whether a person's account is closed. Needs `see_as`.
pub(crate) async fn person_close(
    tx: &mut SystemTx<'_>,
    user: UserId,
    closed: bool,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (people::closed.eq(closed), people::updated_at.eq(now));
    diesel::update(people::table.find(user)).set(values).execute(tx.conn()).await?;
    Ok(())
}

/// How somebody is named who may not belong to this workspace of the asker's.
#[derive(Debug, Clone)]
pub(crate) enum Whom {
    User(UserId),
    /// The key of their address.
    Email(String),
}

/// The person with an open account who is named so and with whom the asker shares a workspace.
pub(crate) async fn fellow_find(
    tx: &mut SystemTx<'_>,
    asker: UserId,
    whom: &Whom,
) -> Result<Option<UserId>, PgError> {
    see_as(tx, asker).await?;
    let shared = members::table.filter(members::user_id.eq(asker)).filter(members::acts.eq(true));
    let shared: Vec<WorkspaceId> =
        shared.order(members::joined_at).select(members::workspace_id).load(tx.conn()).await?;
    for workspace in shared {
        let mut tenant = tx.tenant(workspace);
        let query = people::table.filter(people::closed.eq(false)).select(people::user_id).into_boxed();
        let query = match whom {
            Whom::User(user) => query.filter(people::user_id.eq(*user)),
            Whom::Email(key) => query.filter(people::email_key.eq(key)),
        };
        // Should two have had the address, it is of whoever was given it last.
        let found = query.order(people::updated_at.desc()).first(tenant.conn()).await.optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether the person's first workspace is still to be made; says so once, also when two ask at the same time.
pub(crate) async fn first_workspace_claim(
    tx: &mut SystemTx<'_>,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let claimed = diesel::insert_into(first_workspaces::table)
        .values((first_workspaces::user_id.eq(user), first_workspaces::created_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .await?;
    Ok(claimed == 1)
}
