//! Accounts at other providers.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::{IdentityId, UserId};
use witan_pg::{PgError, Tx};

use super::schema::identities;
use crate::domain::outsider::Outsider;

/// One of them.
#[derive(Debug, HasQuery)]
#[diesel(table_name = identities)]
pub(crate) struct IdentityRow {
    pub(crate) id: IdentityId,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) email: Option<String>,
    pub(crate) linked_at: DateTime<Utc>,
    pub(crate) last_used_at: DateTime<Utc>,
}

/// Whose account it opens.
pub(crate) async fn identity_owner(tx: &mut impl Tx, outsider: &Outsider) -> Result<Option<UserId>, PgError> {
    let row = identities::table
        .filter(identities::issuer.eq(&outsider.issuer))
        .filter(identities::subject.eq(&outsider.subject));
    Ok(row.select(identities::user_id).first(tx.conn()).await.optional()?)
}

/// Notes that it was used.
pub(crate) async fn identity_touch(
    tx: &mut impl Tx,
    outsider: &Outsider,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = identities::table
        .filter(identities::issuer.eq(&outsider.issuer))
        .filter(identities::subject.eq(&outsider.subject));
    diesel::update(row).set(identities::last_used_at.eq(now)).execute(tx.conn()).await?;
    Ok(())
}

/// Links it; false when it opens an account already, or the account has another one of the same issuer.
pub(crate) async fn identity_insert(
    tx: &mut impl Tx,
    id: IdentityId,
    user: UserId,
    outsider: &Outsider,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let row = (
        identities::id.eq(id),
        identities::user_id.eq(user),
        identities::issuer.eq(&outsider.issuer),
        identities::subject.eq(&outsider.subject),
        identities::email.eq(outsider.proved_email.as_ref().map(|email| email.as_str().to_owned())),
        identities::linked_at.eq(now),
        identities::last_used_at.eq(now),
    );
    let insert = diesel::insert_into(identities::table).values(row).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn()).await? > 0)
}

/// The user's, in the order they were linked.
pub(crate) async fn identity_list(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<IdentityRow>, PgError> {
    let rows = IdentityRow::query().filter(identities::user_id.eq(user)).order(identities::id);
    Ok(rows.load(conn).await?)
}

/// Unlinks one of the user's; false when there is none.
pub(crate) async fn identity_delete(tx: &mut impl Tx, id: IdentityId, user: UserId) -> Result<bool, PgError> {
    let row = identities::table.find(id).filter(identities::user_id.eq(user));
    Ok(diesel::delete(row).execute(tx.conn()).await? > 0)
}
