//! Commit, rollback, retries, and what the database says when it says no.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::sync::Barrier;
use witan_pg::{Pg, PgError, SystemTx, Tx, prepared, sql};

use crate::support::{Database, eventually};
use crate::tenants::notes;

pub(crate) async fn execute(pg: &Pg, statement: &str) -> Result<(), PgError> {
    pg.tx("execute", async |tx| {
        diesel::sql_query(statement).execute(tx.conn()).await?;
        Ok(())
    })
    .await
}

async fn probe() -> (Database, Pg) {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(3).await;
    (database, pg)
}

#[derive(diesel::QueryableByName)]
struct Value {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

async fn value(pg: &Pg) -> i64 {
    let value: Result<Value, PgError> = pg
        .read("value", async |conn| {
            Ok(sql("SELECT sum(value)::bigint AS value FROM counters").get_result(conn).await?)
        })
        .await;
    value.unwrap().value
}

const INCREMENT: &str = "UPDATE counters SET value = value + 1 WHERE name = 'a'";

#[tokio::test]
async fn an_error_rolls_back_and_the_connection_is_used_again() {
    let (_database, pg) = probe().await;
    for _ in 0..5 {
        let result: Result<(), PgError> = pg
            .tx("fail", async |tx| {
                sql(INCREMENT).execute(tx.conn()).await?;
                Err(PgError::NotFound)
            })
            .await;
        assert!(matches!(result, Err(PgError::NotFound)));
    }
    assert_eq!(value(&pg).await, 0);
    assert_eq!(pg.connections(), (1, 1));
}

/// COMMIT of an aborted transaction answers ROLLBACK and reports no error.
#[tokio::test]
async fn swallowing_an_error_of_the_database_does_not_pass_for_a_commit() {
    let (_database, pg) = probe().await;
    let result = pg
        .tx("swallow", async |tx| {
            sql(INCREMENT).execute(tx.conn()).await?;
            let _ = sql("INSERT INTO counters VALUES ('a', 1)").execute(tx.conn()).await;
            Ok::<_, PgError>(())
        })
        .await;
    assert!(result.is_err());
    assert_eq!(value(&pg).await, 0);
    execute(&pg, INCREMENT).await.unwrap();
    assert_eq!(value(&pg).await, 1);
}

#[tokio::test]
async fn two_that_deadlock_both_succeed_in_the_end() {
    let (_database, pg) = probe().await;
    let (both, runs) = (Barrier::new(2), AtomicUsize::new(0));
    let swap = async |first: &'static str, second: &'static str| {
        let runs = &runs;
        let both = &both;
        pg.tx("swap", async |tx| {
            let turn = runs.fetch_add(1, Ordering::SeqCst);
            diesel::sql_query(format!("UPDATE counters SET value = value + 1 WHERE name = '{first}'"))
                .execute(tx.conn())
                .await?;
            if turn < 2 {
                both.wait().await;
            }
            diesel::sql_query(format!("UPDATE counters SET value = value + 1 WHERE name = '{second}'"))
                .execute(tx.conn())
                .await?;
            Ok::<_, PgError>(())
        })
        .await
    };
    let (one, two) = tokio::join!(swap("a", "b"), swap("b", "a"));
    one.unwrap();
    two.unwrap();
    assert_eq!(value(&pg).await, 4);
    assert_eq!(runs.into_inner(), 3);
}

#[tokio::test]
async fn errors_say_what_kind_they_are() {
    let (_database, pg) = probe().await;
    let conflict = execute(&pg, "INSERT INTO counters VALUES ('a', 1)").await.unwrap_err();
    assert_eq!(conflict.constraint(), Some("counters_pkey"));
    assert!(!conflict.is_transient());
    let mistake = execute(&pg, "SELECT nonsense").await.unwrap_err();
    assert!(matches!(mistake, PgError::Query(_)) && !mistake.is_transient());
    let slow = execute(&pg, "SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)").await.unwrap_err();
    assert!(matches!(slow, PgError::Query(_)), "two statements cannot be prepared: {slow}");
    let none = pg.tx("none", async |tx| {
        witan_pg::expect_one(sql("UPDATE counters SET value = 1 WHERE name = 'z'").execute(tx.conn()).await?)
    });
    assert!(matches!(none.await, Err(PgError::NotFound)));
    let many = pg.tx("many", async |tx| {
        witan_pg::expect_one(sql("UPDATE counters SET value = 1").execute(tx.conn()).await?)
    });
    assert!(matches!(many.await, Err(PgError::Query(_))));
    assert_eq!(value(&pg).await, 0);
}

#[tokio::test]
async fn limits_hold_from_the_first_statement_on() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let config = witan_pg::DatabaseConfig {
        statement_timeout: Duration::from_millis(100),
        lock_timeout: Duration::from_millis(50),
        ..database.config()
    };
    let pg = Pg::connect(&config, "probe").await.unwrap();
    let slow = execute(&pg, "SELECT pg_sleep(5)").await.unwrap_err();
    assert!(slow.is_transient() && slow.to_string().contains("statement timeout"), "{slow}");
    let admin = database.admin().await;
    admin.batch_execute("BEGIN; LOCK TABLE probe.counters").await.unwrap();
    let locked = execute(&pg, INCREMENT).await.unwrap_err();
    assert!(locked.is_transient() && locked.to_string().contains("lock timeout"), "{locked}");
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    let (database, pg) = probe().await;
    let admin = database.admin().await;
    for _ in 0..5 {
        execute(&pg, INCREMENT).await.unwrap();
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND usename = 'witan_probe'";
        admin.query(kill, &[]).await.unwrap();
    }
    execute(&pg, INCREMENT).await.unwrap();
    assert_eq!(value(&pg).await, 6);
}

#[tokio::test]
async fn a_lock_of_a_session_is_free_when_the_session_ends() {
    let (_database, pg) = probe().await;
    let (mut first, mut second) = (pg.session().await.unwrap(), pg.session().await.unwrap());
    assert!(first.try_lock("leader").await.unwrap());
    assert!(!second.try_lock("leader").await.unwrap());
    assert!(second.try_lock("other").await.unwrap());
    drop(first);
    eventually("the second session gets the lock", async || second.try_lock("leader").await.unwrap()).await;
}

#[tokio::test]
async fn a_session_hears_of_its_own_schema_only() {
    let (_database, pg) = probe().await;
    let mut session = pg.session().await.unwrap();
    session.listen("news").await.unwrap();
    execute(&pg, "SELECT pg_notify('news_other', 'theirs')").await.unwrap();
    execute(&pg, "SELECT pg_notify('news_' || current_schema(), 'ours')").await.unwrap();
    assert_eq!(session.notified().await.unwrap(), "ours");
}

/// With one connection, so that what a write allows would be seen by whoever comes next.
#[tokio::test]
async fn nothing_writes_but_what_says_so() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(1).await;
    let increment = async |conn: &mut AsyncPgConnection| Ok(sql(INCREMENT).execute(conn).await?);
    for written in 1..=3 {
        let refused: PgError = pg.read("read", increment).await.unwrap_err();
        assert!(refused.to_string().contains("read-only transaction"), "{refused}");
        assert_eq!(pg.write("write", increment).await.map_err(|error: PgError| error.to_string()), Ok(1));
        assert_eq!(value(&pg).await, written);
    }
    let nonsense: Result<usize, PgError> =
        pg.write("fail", async |conn| Ok(sql("UPDATE nowhere SET value = 1").execute(conn).await?)).await;
    assert!(matches!(nonsense, Err(PgError::Query(_))));
    pg.read("read", increment).await.unwrap_err();
    assert_eq!((value(&pg).await, pg.connections()), (3, (1, 1)));
}

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

/// Diesel by itself prepares an update anew each time, and keeps none.
#[tokio::test]
async fn what_is_prepared_stays_so() {
    let database = Database::create("probe").await;
    database.migrate(vec![notes()]).await;
    let pg = database.pg(1).await;
    let kept = async || -> i64 {
        let query = "SELECT count(*) AS value FROM pg_prepared_statements WHERE statement LIKE 'UPDATE%'";
        let kept: Result<Value, PgError> =
            pg.read("kept", async |conn| Ok(sql(query).get_result(conn).await?)).await;
        kept.unwrap().value
    };
    for (count, stays) in [(1, false), (2, true), (3, true)] {
        let update = async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
            let update =
                diesel::update(counters::table.find("a")).set(counters::value.eq(counters::value + 1));
            Ok(if stays {
                prepared(update).execute(tx.conn()).await?
            } else {
                update.execute(tx.conn()).await?
            })
        };
        assert_eq!(pg.tx("update", update).await.unwrap(), 1);
        assert_eq!((value(&pg).await, kept().await), (count, i64::from(stays)));
    }
}
