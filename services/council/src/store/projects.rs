//! Which projects are used here, and which are gone.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::ProjectId;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::{projects, runs, sessions};

/// Notes that a project is used, unless it is gone. It is not deleted before the transaction ends.
pub(crate) async fn project_use(tx: &mut TenantTx<'_>, id: ProjectId) -> Result<bool, PgError> {
    let row = (projects::workspace_id.eq(tx.workspace_id()), projects::id.eq(id), projects::gone.eq(false));
    let gone: bool = diesel::insert_into(projects::table)
        .values(row)
        .on_conflict((projects::workspace_id, projects::id))
        .do_update()
        // Changes nothing, and holds the row.
        .set(projects::gone.eq(projects::gone))
        .returning(projects::gone)
        .get_result(tx.conn())
        .await?;
    Ok(!gone)
}

/// Notes that a project is gone. What it grouped belongs to none.
pub(crate) async fn project_end(tx: &mut TenantTx<'_>, id: ProjectId) -> Result<(), PgError> {
    let row = (projects::workspace_id.eq(tx.workspace_id()), projects::id.eq(id), projects::gone.eq(true));
    diesel::insert_into(projects::table)
        .values(row)
        .on_conflict((projects::workspace_id, projects::id))
        .do_update()
        .set(projects::gone.eq(true))
        .execute(tx.conn())
        .await?;
    let grouped =
        runs::table.filter(runs::workspace_id.eq(tx.workspace_id())).filter(runs::project_id.eq(id));
    diesel::update(grouped).set(runs::project_id.eq(None::<ProjectId>)).execute(tx.conn()).await?;
    let grouped = sessions::table
        .filter(sessions::workspace_id.eq(tx.workspace_id()))
        .filter(sessions::project_id.eq(id));
    diesel::update(grouped).set(sessions::project_id.eq(None::<ProjectId>)).execute(tx.conn()).await?;
    Ok(())
}
