//! Secrets of the installation, encrypted.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, Tx};

use super::schema::secrets;

/// Keeps `sealed` under `name` unless there is one; gives the one there is now.
pub(crate) async fn secret_ensure(tx: &mut impl Tx, name: &str, sealed: &[u8]) -> Result<Vec<u8>, PgError> {
    let row = (secrets::name.eq(name), secrets::sealed.eq(sealed));
    diesel::insert_into(secrets::table).values(row).on_conflict_do_nothing().execute(tx.conn()).await?;
    Ok(secrets::table.find(name).select(secrets::sealed).first(tx.conn()).await?)
}
