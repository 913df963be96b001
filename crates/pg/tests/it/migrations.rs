//! Migrating is a command that may be given twice, and at the same time.

use witan_pg::{EmbeddedMigrations, MigrateError, MigrationSet, diesel_migrations, migrate, pending};

use crate::support::Database;
use crate::tenants::notes;

fn sets() -> Vec<MigrationSet> {
    vec![MigrationSet { name: "pg", migrations: witan_pg::MIGRATIONS }, notes()]
}

#[tokio::test]
async fn what_is_missing_is_named_and_then_done_once() {
    let database = Database::create("probe").await;
    let pg = database.pg(1).await;
    assert_eq!(
        pending(&pg, &sets()).await.unwrap(),
        ["pg/0000_idempotency_keys", "pg/0003_partitions", "notes/2026-01-01-000000_notes"]
    );
    let done = migrate(&database.owner_url(), sets()).await.unwrap();
    assert_eq!(done, ["pg/0000", "pg/0003", "notes/20260101000000"]);
    assert!(pending(&pg, &sets()).await.unwrap().is_empty());
    assert!(migrate(&database.owner_url(), sets()).await.unwrap().is_empty());
}

#[tokio::test]
async fn migrators_wait_for_each_other() {
    let database = Database::create("probe").await;
    let url = database.owner_url();
    let (one, two, three) = tokio::join!(migrate(&url, sets()), migrate(&url, sets()), migrate(&url, sets()));
    let done: Vec<usize> = [one, two, three].into_iter().map(|result| result.unwrap().len()).collect();
    assert_eq!(done.iter().sum::<usize>(), 3, "{done:?}");
}

#[tokio::test]
async fn a_tenants_table_without_a_policy_is_refused() {
    let database = Database::create("probe").await;
    const OPEN: EmbeddedMigrations = diesel_migrations::embed_migrations!("tests/it/unguarded");
    let open = MigrationSet { name: "open", migrations: OPEN };
    match migrate(&database.owner_url(), vec![notes(), open]).await {
        Err(MigrateError::Unguarded(tables)) => assert_eq!(tables, ["open"]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn two_migrations_of_one_version_are_refused() {
    let database = Database::create("probe").await;
    match migrate(&database.owner_url(), vec![notes(), notes()]).await {
        Err(MigrateError::Twice(version)) => assert_eq!(version, "20260101000000"),
        other => panic!("{other:?}"),
    }
    assert_eq!(migrate(&database.owner_url(), sets()).await.unwrap().len(), 3, "nothing was done");
}
