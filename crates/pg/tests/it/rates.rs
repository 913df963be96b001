//! What the transactions cost beside the bare query on a bare pool. Run by hand; prints, asserts nothing.

use std::time::{Duration, Instant};

use diesel::sql_types::BigInt;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::join_all;
use secrecy::ExposeSecret;
use witan_pg::{PgError, Tx, sql};

use crate::support::Database;
use crate::tenants::{notes, workspace};

const QUERY: &str = "SELECT value FROM counters WHERE name = 'a'";
const TASKS: usize = 10;
const TURN: Duration = Duration::from_millis(700);

#[derive(diesel::QueryableByName)]
struct Value {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// How often `one` happens in a second when ten do it at a time.
async fn rate<F: AsyncFn() -> i64>(one: F) -> f64 {
    let begin = Instant::now();
    let task = async || {
        let mut done = 0_u32;
        while begin.elapsed() < TURN {
            assert_eq!(one().await, 0);
            done += 1;
        }
        f64::from(done)
    };
    let done: f64 = join_all((0..TASKS).map(|_| task())).await.iter().sum();
    done / begin.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn reads_beside_the_bare_query() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let (pg, workspace) = (database.pg(TASKS).await, workspace());
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let url = database.config().url;
    let manager =
        AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url.expose_secret(), config);
    let pool = Pool::builder(manager).max_size(TASKS).build().unwrap();
    let bare = async || {
        let mut conn = pool.get().await.unwrap();
        let value: Value = sql(QUERY).get_result(&mut *conn).await.unwrap();
        value.value
    };
    let read = async || {
        let value: Result<Value, PgError> =
            pg.read("read", async |conn| Ok(sql(QUERY).get_result(conn).await?)).await;
        value.unwrap().value
    };
    let tenant_read = async || {
        let value: Result<Value, PgError> =
            pg.tenant_read("read", workspace, async |tx| Ok(sql(QUERY).get_result(tx.conn()).await?)).await;
        value.unwrap().value
    };
    let tenant = async || {
        let value: Result<Value, PgError> =
            pg.tenant("read", workspace, async |tx| Ok(sql(QUERY).get_result(tx.conn()).await?)).await;
        value.unwrap().value
    };
    for turn in 0..4 {
        let (bare, read) = (rate(bare).await, rate(read).await);
        let (tenant_read, tenant) = (rate(tenant_read).await, rate(tenant).await);
        println!(
            "{turn}: bare {bare:.0}/s, read {:.0} %, tenant_read {:.0} %, tenant {:.0} %",
            read / bare * 100.0,
            tenant_read / bare * 100.0,
            tenant / bare * 100.0
        );
    }
}
