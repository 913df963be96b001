//! Pictures of people.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::UserId;
use witan_pg::{PgError, Tx};

use super::schema::avatars;
use crate::images::Square;

/// One size of a picture.
#[derive(Debug, HasQuery)]
#[diesel(table_name = avatars)]
pub(crate) struct AvatarRow {
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// Puts a picture in the place of the one before, of which nothing stays.
pub(crate) async fn avatar_replace(
    tx: &mut impl Tx,
    user: UserId,
    version: &str,
    squares: &[Square],
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    avatar_delete(tx, user).await?;
    let rows: Vec<_> = squares
        .iter()
        .map(|square| {
            (
                avatars::user_id.eq(user),
                avatars::size.eq(square.size.cast_signed()),
                avatars::version.eq(version),
                avatars::media_type.eq(square.media_type),
                avatars::bytes.eq(&square.bytes),
                avatars::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(avatars::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn avatar_delete(tx: &mut impl Tx, user: UserId) -> Result<(), PgError> {
    diesel::delete(avatars::table.filter(avatars::user_id.eq(user))).execute(tx.conn()).await?;
    Ok(())
}

/// The picture, for who knows its version.
pub(crate) async fn avatar_find(
    conn: &mut AsyncPgConnection,
    user: UserId,
    size: u32,
    version: &str,
) -> Result<Option<AvatarRow>, PgError> {
    let row = AvatarRow::query().find((user, size.cast_signed())).filter(avatars::version.eq(version));
    Ok(row.first(conn).await.optional()?)
}
