//! A query in a workspace's transaction beside the same query on a bare connection, which no policy binds.

use std::time::{Duration, Instant};

use anyhow::Result;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use witan_ids::{StartupId, WorkspaceId};
use witan_pg::{Pg, PgError, Tx as _};
use witan_tenancy::Tenancy;

use crate::bare::startups;
use crate::handlers::{service, settle};
use crate::table;

const TRIES: usize = 10_000;

/// One startup's key.
type Key = (WorkspaceId, StartupId);

pub(super) async fn row() -> Result<Vec<String>> {
    let service = service::<Tenancy>().await;
    let person = settle(&service).await;
    let made = person.post("/api/v1/startups", json!({ "name": "Bench" })).await.expect(201);
    let key = (person.workspace(), made.text_at("/id").parse()?);
    let pg = &service.running().context().pg;
    let mut peer = AsyncPgConnection::establish(&service.database().superuser_url()).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..TRIES {
        // Whoever comes second finds the row warm: each does as often.
        if number % 2 == 0 {
            ours.push(timed(in_transaction(pg, key)).await?);
            theirs.push(timed(bare(&mut peer, key)).await?);
        } else {
            theirs.push(timed(bare(&mut peer, key)).await?);
            ours.push(timed(in_transaction(pg, key)).await?);
        }
    }
    let (ours, theirs) = (table::median(ours), table::median(theirs));
    let micros = |seconds: f64| format!("{:.0} µs", seconds * 1e6);
    Ok(vec![
        "in `TenantTx`, row-level security on".to_owned(),
        micros(ours),
        "bare connection, as superuser".to_owned(),
        micros(theirs),
        format!("{:.2}", ours / theirs),
        "1.3".to_owned(),
    ])
}

async fn timed(work: impl Future<Output = Result<String>>) -> Result<f64> {
    let begun = Instant::now();
    let name = work.await?;
    let took: Duration = begun.elapsed();
    anyhow::ensure!(name == "Bench", "another row: {name}");
    Ok(took.as_secs_f64())
}

async fn in_transaction(pg: &Pg, (workspace, startup): Key) -> Result<String> {
    let found = pg.tenant_read("bench", workspace, async |tx| {
        let query = startups::table.find((workspace, startup)).select(startups::name);
        Ok::<_, PgError>(query.first(tx.conn()).await?)
    });
    Ok(found.await?)
}

async fn bare(peer: &mut AsyncPgConnection, key: Key) -> Result<String> {
    Ok(startups::table.find(key).select(startups::name).first(peer).await?)
}
