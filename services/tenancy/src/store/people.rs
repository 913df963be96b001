use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx, Tx as _};

use crate::schema::{first_workspaces, people};
use crate::store::workspaces::{ask_for, see_as};

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

/// How somebody is named who may belong to no workspace of the asker's.
#[derive(Debug, Clone)]
pub(crate) enum Whom {
    User(UserId),
    /// The key of their address.
    Email(String),
}

/// The person with an open account who is named so.
pub(crate) async fn person_known(tx: &mut SystemTx<'_>, whom: &Whom) -> Result<Option<UserId>, PgError> {
    let mut query = people::table.filter(people::closed.eq(false)).select(people::user_id).into_boxed();
    query = match whom {
        Whom::User(user) => {
            see_as(tx, *user).await?;
            query.filter(people::user_id.eq(*user))
        }
        Whom::Email(key) => {
            ask_for(tx, key).await?;
            query.filter(people::email_key.eq(key))
        }
    };
    // Should two have had the address, it is of whoever was given it last.
    Ok(query.order(people::updated_at.desc()).first(tx.conn()).await.optional()?)
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
