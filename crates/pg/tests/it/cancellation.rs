//! Requests are cancelled at any point. Nothing of them may be left on the connection that the next one gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel_async::RunQueryDsl;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use witan_clock::Clock;
use witan_ids::WorkspaceId;
use witan_pg::{Pg, PgError, Tx, sql};

use crate::support::{Database, eventually};
use crate::tenants::{add, notes, owners, setting, workspace};

const TENANTS: usize = 50;
const ROUNDS: u64 = 200;

/// One operation of one tenant, of which there are four kinds; every row that it sees must be its own.
async fn operation(pg: &Pg, workspace: WorkspaceId, kind: u64, foreign: &AtomicUsize) -> Result<(), PgError> {
    let seen = match kind {
        0 => {
            pg.tenant("write", workspace, async |tx| {
                add(tx, workspace).await?;
                owners(tx).await
            })
            .await?
        }
        1 => pg.tenant_read("read", workspace, async |tx| owners(tx).await).await?,
        2 => pg.tx("system", async |tx| owners(tx).await).await?,
        _ => {
            pg.tx("narrowed", async |tx| {
                let mut tenant = tx.tenant(workspace);
                sql("SELECT pg_sleep(0.001)").execute(tenant.conn()).await?;
                owners(&mut tenant).await
            })
            .await?
        }
    };
    let others = seen.iter().filter(|owner| kind == 2 || **owner != workspace.uuid()).count();
    foreign.fetch_add(others, Ordering::Relaxed);
    Ok(())
}

/// Ten thousand operations of fifty tenants on two connections, every tenth dropped at a random moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tenants_on_two_connections_with_cancelled_requests() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let config = witan_pg::DatabaseConfig { pool: 2, wait: Duration::from_secs(60), ..database.config() };
    let pg = Pg::connect(&config, "probe").await.unwrap();
    let (clock, foreign) = (Clock::system(), Arc::new(AtomicUsize::new(0)));
    let cancelled = Arc::new(AtomicUsize::new(0));

    let mut tenants: FuturesUnordered<_> = (0..TENANTS)
        .map(|_| {
            let (pg, clock, foreign, cancelled) =
                (pg.clone(), clock.clone(), foreign.clone(), cancelled.clone());
            #[expect(clippy::disallowed_methods, reason = "joined below")]
            tokio::spawn(async move {
                let workspace = workspace();
                for _ in 0..ROUNDS {
                    let work = operation(&pg, workspace, clock.random_range(0..4), &foreign);
                    if clock.random_range(0..10) == 0 {
                        let patience = Duration::from_micros(clock.random_range(0..60_000));
                        if tokio::time::timeout(patience, work).await.is_err() {
                            cancelled.fetch_add(1, Ordering::Relaxed);
                        }
                    } else {
                        work.await.unwrap();
                    }
                }
            })
        })
        .collect();
    while let Some(tenant) = tenants.next().await {
        tenant.unwrap();
    }

    assert!(AtomicUsize::load(&cancelled, Ordering::Relaxed) > 20, "hardly anything was cancelled");
    assert_eq!(AtomicUsize::load(&foreign, Ordering::Relaxed), 0, "rows of another tenant were seen");
    for _ in 0..10 {
        assert_eq!(setting(&pg).await, "");
    }
    let (open, idle) = pg.connections();
    assert!(open <= 2 && open == idle, "{open} connections, {idle} idle");
    // Both places can still be used at the same time.
    let both = tokio::join!(pause(&pg), pause(&pg));
    assert!(both.0.is_ok() && both.1.is_ok());
    no_transaction_is_open(&database).await;
}

async fn pause(pg: &Pg) -> Result<(), PgError> {
    pg.tx("pause", async |tx| {
        sql("SELECT pg_sleep(0.05)").execute(tx.conn()).await?;
        Ok(())
    })
    .await
}

async fn no_transaction_is_open(database: &Database) {
    let admin = database.admin().await;
    eventually("every transaction has ended", async || {
        let row = admin
            .query_one(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND usename = 'witan_probe' AND xact_start IS NOT NULL",
                &[],
            )
            .await
            .unwrap();
        row.get::<_, i64>(0) == 0
    })
    .await;
}

/// What a cancelled transaction wrote is gone at once, not when somebody happens to take the connection again.
#[tokio::test]
async fn a_cancelled_transaction_lets_go_of_its_locks() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(2).await;
    let update = |seconds: &'static str| {
        let pg = pg.clone();
        async move {
            pg.tx("update", async |tx| {
                sql("UPDATE counters SET value = value + 1 WHERE name = 'a'").execute(tx.conn()).await?;
                diesel::sql_query(seconds).execute(tx.conn()).await?;
                Ok::<_, PgError>(())
            })
            .await
        }
    };
    let hung = tokio::time::timeout(Duration::from_millis(300), update("SELECT pg_sleep(8)")).await;
    assert!(hung.is_err());
    let begin = std::time::Instant::now();
    update("SELECT 1").await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(4), "the lock was held for {:?}", begin.elapsed());
}

#[tokio::test]
async fn a_pool_without_a_free_connection_says_so_in_time() {
    let database = Database::create("probe").await;
    let config = witan_pg::DatabaseConfig { pool: 1, wait: Duration::from_millis(500), ..database.config() };
    let pg = Pg::connect(&config, "probe").await.unwrap();
    // Connecting takes longer than that on a busy machine; waiting for a connection that is there does not.
    eventually("an open connection", async || pg.ping().await.is_ok()).await;
    let (taken, asked) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
    let hold = pg.tx("hold", async |_| {
        taken.notify_one();
        asked.notified().await;
        Ok::<_, PgError>(())
    });
    let late = async {
        taken.notified().await;
        let late = pg.ping().await;
        asked.notify_one();
        late
    };
    let (held, late) = tokio::join!(hold, late);
    held.unwrap();
    assert!(matches!(late, Err(PgError::Unavailable(_))));
    pg.ping().await.unwrap();
}
