//! Seals keys of workspaces anew that were sealed with another encryption key than the one in use, so that the old one can be
//! taken away. A key that is changed at that moment stays as it was changed.

use std::time::Duration;

use witan_ids::WorkspaceId;
use witan_pg::{Pg, PgError, SystemTx};

use crate::keys::Seals;
use crate::store::provider_keys::{keyed_workspaces, provider_key_list, provider_key_reseal};

/// How often it looks.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);
const BATCH: i64 = 100;

/// One round through all workspaces that have keys.
pub(crate) async fn reseal(pg: &Pg, seals: &Seals) -> Result<(), PgError> {
    let mut after = None;
    loop {
        let page = async |tx: &mut SystemTx<'_>| keyed_workspaces(tx, after, BATCH).await;
        let workspaces = pg.tx("provider_key.workspaces", page).await?;
        for workspace in &workspaces {
            let seal = async |tx: &mut SystemTx<'_>| in_workspace(tx, seals, *workspace).await;
            pg.tx("provider_key.reseal", seal).await?;
        }
        after = workspaces.last().copied();
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn in_workspace(tx: &mut SystemTx<'_>, seals: &Seals, workspace: WorkspaceId) -> Result<(), PgError> {
    let mut tx = tx.tenant(workspace);
    for row in provider_key_list(&mut tx).await? {
        match seals.anew(&row) {
            Ok(Some(sealed)) => provider_key_reseal(&mut tx, &row, &sealed).await?,
            Ok(None) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(%workspace, provider = row.provider, error, "a workspace's key does not open");
            }
        }
    }
    Ok(())
}
