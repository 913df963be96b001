use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, Tx};

use crate::schema::gone_models as table;

/// A model that is gone. The table belongs to no tenant: it is how one process finds out that another has told.
#[derive(Debug, Insertable)]
#[diesel(table_name = table)]
pub(crate) struct GoneModelRow {
    pub(crate) model: String,
    pub(crate) replacement: Option<String>,
    pub(crate) told_at: DateTime<Utc>,
}

/// False when it was told before.
pub(crate) async fn gone_model_insert(tx: &mut impl Tx, row: &GoneModelRow) -> Result<bool, PgError> {
    let insert = diesel::insert_into(table::table).values(row).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn()).await? == 1)
}
