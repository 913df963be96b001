//! Days that are made ahead and dropped whole.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::WorkspaceId;
use witan_pg::partitions::{Needed, Partitioned, clear_default, drop_before, earlier, make};
use witan_pg::{
    EmbeddedMigrations, MigrateError, MigrationSet, Pg, PgError, Tx, diesel_migrations, migrate, sql,
};

use crate::support::Database;
use crate::tenants::workspace;

const THINGS: EmbeddedMigrations = diesel_migrations::embed_migrations!("tests/it/partitioned");
const OPEN: EmbeddedMigrations = diesel_migrations::embed_migrations!("tests/it/open_partition");

fn sets() -> Vec<MigrationSet> {
    vec![
        MigrationSet { name: "pg", migrations: witan_pg::MIGRATIONS },
        MigrationSet { name: "things", migrations: THINGS },
    ]
}

async fn world() -> (Database, Pg) {
    let database = Database::create("probe").await;
    database.migrate(sets()).await;
    let pg = database.pg(4).await;
    (database, pg)
}

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 5, number).unwrap()
}

fn noon(number: u32) -> DateTime<Utc> {
    day(number).and_hms_opt(12, 0, 0).unwrap().and_utc()
}

/// An id of that day's noon.
fn id(number: u32) -> Uuid {
    let time = u128::try_from(noon(number).timestamp_millis()).unwrap();
    Uuid::from_u128(time << 80 | Clock::system().uuid_v7().as_u128() & 0xffff_ffff_ffff_ffff_ffff)
}

/// A thing with an id of one day that came on another, and a label for it.
async fn add(pg: &Pg, workspace: WorkspaceId, id: Uuid, came: u32) {
    let add = async |tx: &mut witan_pg::TenantTx<'_>| {
        let thing = sql("INSERT INTO things VALUES ($1, $2, $3)").bind::<SqlUuid, _>(workspace);
        thing.bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(noon(came)).execute(tx.conn()).await?;
        sql("INSERT INTO labels VALUES ($1)").bind::<SqlUuid, _>(id).execute(tx.conn()).await?;
        Ok::<_, PgError>(())
    };
    pg.tenant("add", workspace, add).await.unwrap();
}

async fn make_all(pg: &Pg, today: NaiveDate) -> i32 {
    try_make(pg, today).await.unwrap()
}

async fn try_make(pg: &Pg, today: NaiveDate) -> Result<i32, PgError> {
    let make = async |tx: &mut witan_pg::SystemTx<'_>| {
        let made = make(tx.conn(), "things", today).await?;
        Ok::<_, PgError>(made + make(tx.conn(), "labels", today).await?)
    };
    pg.tx("make", make).await
}

async fn drop_things(pg: &Pg, needed: Needed, before: NaiveDate) -> i32 {
    try_drop(pg, needed, before).await.unwrap()
}

async fn try_drop(pg: &Pg, needed: Needed, before: NaiveDate) -> Result<i32, PgError> {
    let things = Partitioned { table: "things", needed, along: &["labels"] };
    let dropped = async |tx: &mut witan_pg::SystemTx<'_>| {
        Ok::<_, PgError>(drop_before(tx.conn(), things, before).await?)
    };
    pg.tx("drop", dropped).await
}

/// The rows of every partition that has some, as the owner sees them.
async fn filled(database: &Database) -> Vec<String> {
    let admin = database.admin().await;
    let rows = "SELECT tableoid::regclass::text AS part FROM probe.things
        UNION ALL SELECT tableoid::regclass::text FROM probe.labels ORDER BY 1";
    let rows = admin.query(rows, &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0).replace("probe.", "")).collect()
}

#[tokio::test]
async fn a_partition_is_reached_through_its_table_alone() {
    let (_database, pg) = world().await;
    let (own, other) = (workspace(), workspace());
    add(&pg, own, id(9), 9).await;
    make_all(&pg, day(10)).await;
    add(&pg, own, id(10), 10).await;
    add(&pg, other, id(10), 10).await;
    let seen = async |tx: &mut witan_pg::TenantTx<'_>| {
        Ok::<_, PgError>(sql("SELECT FROM things").execute(tx.conn()).await?)
    };
    assert_eq!(pg.tenant("seen", own, seen).await.unwrap(), 2);
    for statement in [
        "SELECT FROM things_default",
        "SELECT FROM things_20210510",
        "DELETE FROM things_20210510",
        "DELETE FROM labels_20210510",
        "TRUNCATE things_20210510",
    ] {
        let reach = async |tx: &mut witan_pg::TenantTx<'_>| {
            Ok::<_, PgError>(sql(statement).execute(tx.conn()).await?)
        };
        let refused = pg.tenant("reach", own, reach).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{refused}");
    }
    let unparted = async |tx: &mut witan_pg::SystemTx<'_>| {
        Ok::<_, PgError>(make(tx.conn(), "idempotency_keys", day(10)).await?)
    };
    let refused = pg.tx("unparted", unparted).await.unwrap_err().to_string();
    assert!(refused.contains("has no partitions"), "{refused}");
}

#[tokio::test]
async fn an_open_partition_is_refused() {
    let database = Database::create("probe").await;
    let open = sets().into_iter().chain([MigrationSet { name: "open", migrations: OPEN }]).collect();
    match migrate(&database.owner_url(), open).await {
        Err(MigrateError::Unguarded(tables)) => assert_eq!(tables, ["things_default"]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_came_early_moves_and_what_is_needed_keeps_its_day() {
    let (database, pg) = world().await;
    let workspace = workspace();
    add(&pg, workspace, id(10), 10).await;
    assert_eq!(filled(&database).await, ["labels_default", "things_default"]);
    assert_eq!((make_all(&pg, day(10)).await, make_all(&pg, day(10)).await), (6, 0));
    assert_eq!(filled(&database).await, ["labels_20210510", "things_20210510"]);
    // Of an event that was two days on its way.
    add(&pg, workspace, id(11), 13).await;
    assert_eq!(
        drop_things(&pg, Needed::Since("came_at", noon(13)), day(13)).await,
        2,
        "the tenth, the twelfth"
    );
    assert_eq!(filled(&database).await, ["labels_20210511", "things_20210511"]);
    assert_eq!(drop_things(&pg, Needed::WhileNull("came_at"), day(11)).await, 0);
    let later = noon(13) + TimeDelta::seconds(1);
    assert_eq!(drop_things(&pg, Needed::Since("came_at", later), day(13)).await, 1);
    make_all(&pg, day(20)).await;
    add(&pg, workspace, id(20), 20).await;
    assert_eq!(drop_things(&pg, Needed::Never, day(21)).await, 1);
    assert!(filled(&database).await.is_empty());

    // Its day has gone.
    let late = id(10);
    add(&pg, workspace, late, 14).await;
    for (before, left) in [(noon(14), 1), (later + TimeDelta::days(1), 0)] {
        let clear = async |tx: &mut witan_pg::SystemTx<'_>| {
            Ok::<_, PgError>(clear_default(tx.conn(), "things", "came_at", before).await?)
        };
        assert!(!pg.tx("clear", clear).await.unwrap());
        let things = filled(&database).await.into_iter().filter(|part| part == "things_default");
        assert_eq!(things.count(), left);
    }
}

/// Who does not get the lock in time leaves the rest to the others, or to the next time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_at_once_do_it_once() {
    let (database, pg) = world().await;
    add(&pg, workspace(), id(10), 10).await;
    let make = || try_make(&pg, day(10));
    let (one, two, three) = tokio::join!(make(), make(), make());
    let made = [one, two, three, make().await];
    assert_eq!(made.iter().flatten().sum::<i32>(), 6, "{made:?}");
    let drop = || try_drop(&pg, Needed::Since("came_at", noon(11)), day(12));
    let (one, two, three) = tokio::join!(drop(), drop(), drop());
    let dropped = [one, two, three, drop().await];
    assert_eq!(dropped.iter().flatten().sum::<i32>(), 2, "{dropped:?}");
    assert!(filled(&database).await.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_not_believed() {
    let (_database, pg) = world().await;
    let now = Clock::system().now();
    for (told, ahead) in [(now - TimeDelta::days(2), false), (now + TimeDelta::days(400), true)] {
        let time = async |tx: &mut witan_pg::SystemTx<'_>| Ok::<_, PgError>(earlier(tx.conn(), told).await?);
        let time = pg.tx("earlier", time).await.unwrap();
        assert_eq!(time != told, ahead);
        assert!(time <= Clock::system().now() + TimeDelta::minutes(1));
    }
}
