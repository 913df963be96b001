//! Days that nobody needs any more go whole, and nothing else does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;
use witan_clock::{Clock, ManualClock};
use witan_events::contracts::auth::v1::UserRegistered;
use witan_events::{Amqp, AmqpConfig, Relay, publish};
use witan_lifecycle::Lifecycle;
use witan_pg::PgError;

use crate::ledger::{Ledger, World};
use crate::support::eventually;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Years ago, so that the migration has made none of its partitions.
async fn world() -> (World, ManualClock) {
    let time = ManualClock::at("2021-05-10T23:30:00Z".parse().unwrap());
    (World { clock: time.clock(), ..World::create().await }, time)
}

/// The days of that year that have a partition of this table.
async fn days(world: &World, table: &str) -> Vec<String> {
    let days = "SELECT right(relname, 8) FROM pg_class JOIN pg_inherits ON inhrelid = oid
                WHERE inhparent = ('probe.' || $1)::regclass AND relname ~ '_2021' ORDER BY 1";
    let rows = world.database.admin().await.query(days, &[&table]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many rows a partition has. Nobody but the owner reads one by itself.
async fn rows(world: &World, partition: &str) -> i64 {
    let count = format!("SELECT count(*) FROM probe.{partition}");
    world.database.admin().await.query_one(&count, &[]).await.unwrap().get(0)
}

async fn published(world: &World) -> i64 {
    world.count("SELECT count(*) AS count FROM outbox WHERE published_at IS NOT NULL").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_are_made_ahead_and_go_when_they_are_old() {
    let (mut world, time) = world().await;
    world.consume(Ledger::default()).await;
    // Before its partition is there, an event is in the default one.
    world.publish("early").await;
    assert_eq!(rows(&world, "outbox_default").await, 1);
    world.relay();
    world.settle(1).await;
    assert_eq!(days(&world, "outbox").await, ["20210510", "20210511", "20210512"]);
    assert_eq!(days(&world, "inbox").await, ["20210510", "20210511", "20210512"]);
    assert_eq!(rows(&world, "outbox_default").await, 0, "it has moved");
    assert_eq!(rows(&world, "outbox_20210510").await, 1);

    time.advance(DAY);
    eventually("a day is made", async || days(&world, "outbox").await.len() == 4).await;
    world.publish("next").await;
    world.settle(2).await;
    assert_eq!(rows(&world, "outbox_20210511").await, 1);
    // Three days are kept, whole.
    time.advance(2 * DAY);
    eventually("days are made", async || days(&world, "outbox").await.len() == 6).await;
    time.advance(DAY);
    eventually("a day goes", async || days(&world, "outbox").await.first().unwrap() == "20210511").await;
    eventually("the second one is left", async || published(&world).await == 1).await;
    assert_eq!(days(&world, "inbox").await.first().unwrap(), "20210510");
    world.stop().await;
}

/// Whoever writes into the default partition while a day is taken out of it waits, and fails in nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_publishes_while_days_are_made_notices_nothing() {
    let (world, time) = world().await;
    let admin = world.database.admin().await;
    let mut made = 0;
    for round in 0..30 {
        time.advance(3 * DAY);
        let today = time.clock().now().date_naive();
        let make = format!("SET search_path = probe; SELECT make_partitions('outbox', '{today}')");
        let writers = (0..8).map(|writer| {
            let (world, subject) = (&world, format!("{round} {writer}"));
            async move {
                for _ in 0..5 {
                    world.publish(&subject).await;
                }
            }
        });
        let (_, outcome) = tokio::join!(futures_util::future::join_all(writers), admin.batch_execute(&make));
        made += usize::from(outcome.is_ok());
    }
    assert!(made > 0, "every try found the table in use");
    assert_eq!(world.count("SELECT count(*) AS count FROM outbox").await, 30 * 8 * 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_published_stays_however_old_it_is() {
    let (mut world, time) = world().await;
    world.consume(Ledger::default()).await;
    let nowhere = Lifecycle::new();
    let amqp = Amqp::connect(&AmqpConfig::new("amqp://127.0.0.1:1/none".to_owned()), &nowhere);
    Relay::spawn(&world.pg, &amqp, &world.clock, &nowhere, "probe");
    eventually("days are made without a broker", async || days(&world, "outbox").await.len() == 3).await;
    world.publish("old").await;
    time.advance(40 * DAY);
    eventually("empty days go", async || days(&world, "outbox").await.len() == 4).await;
    assert_eq!(days(&world, "outbox").await[0], "20210510");
    nowhere.stop();
    assert!(nowhere.wait_idle(Duration::from_secs(25)).await);
    world.relay();
    world.settle(1).await;
    time.advance(Duration::from_secs(60));
    eventually("now it goes", async || days(&world, "outbox").await[0] == "20210619").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_is_recognised_for_thirty_days() {
    let (mut world, time) = world().await;
    world.consume(Ledger::default()).await;
    world.relay();
    world.publish("one").await;
    world.settle(1).await;
    time.advance(2 * DAY);
    eventually("days are made", async || days(&world, "inbox").await.len() == 5).await;
    eventually("it is marked", async || published(&world).await == 1).await;
    let again = "WITH again AS (UPDATE outbox SET published_at = NULL RETURNING 1) SELECT count(*) AS count FROM again";
    world.count(again).await;
    eventually("it is sent again", async || published(&world).await == 1).await;
    // What follows it about the same subject comes after the repetition.
    world.publish("one").await;
    world.settle(2).await;
    assert_eq!(world.count("SELECT count(*) AS count FROM inbox").await, 2);

    time.advance(28 * DAY);
    eventually("days are made", async || days(&world, "inbox").await.last().unwrap() == "20210611").await;
    assert_eq!(world.count("SELECT count(*) AS count FROM inbox").await, 2);
    time.advance(DAY);
    eventually("the first is forgotten", async || {
        world.count("SELECT count(*) AS count FROM inbox").await == 1
    })
    .await;
    world.stop().await;
}

/// Its event is of a day that is long over when it commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_open_for_days_loses_nothing_and_stops_nobody() {
    let (mut world, time) = world().await;
    world.consume(Ledger::default()).await;
    world.relay();
    eventually("days are made", async || days(&world, "outbox").await.len() == 3).await;
    let signals = Arc::new((Notify::new(), Notify::new()));
    let (pg, clock, theirs) = (world.pg.clone(), world.clock.clone(), signals.clone());
    let event = UserRegistered { user_id: "late".to_owned(), email: String::new() };
    #[expect(clippy::disallowed_methods, reason = "it is waited for")]
    let open = tokio::spawn(async move {
        pg.tx("open", async |tx| {
            let id = publish(tx, &clock, "late", &event).await?;
            theirs.0.notify_one();
            theirs.1.notified().await;
            Ok::<Uuid, PgError>(id.uuid())
        })
        .await
    });
    signals.0.notified().await;
    time.advance(3 * DAY);
    world.publish("others").await;
    world.settle(1).await;
    time.advance(3 * DAY);
    world.publish("others").await;
    world.settle(2).await;
    assert_eq!(days(&world, "outbox").await[0], "20210510");
    signals.1.notify_one();
    let id = open.await.unwrap().unwrap();
    world.settle(3).await;
    assert!(world.entries().await.iter().any(|entry| entry.event == id));
    time.advance(Duration::from_secs(60));
    eventually("now its day goes", async || days(&world, "outbox").await[0] != "20210510").await;
    world.stop().await;
}

/// Of two replicas the one that is active may have a clock of its own idea.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_ahead_drops_nothing() {
    let time = ManualClock::at(Clock::system().now());
    let mut world = World { clock: time.clock(), ..World::create().await };
    world.consume(Ledger::default()).await;
    world.relay();
    world.publish("young").await;
    world.settle(1).await;
    eventually("it is marked", async || published(&world).await == 1).await;
    time.advance(400 * DAY);
    let ahead = time.clock().now().format("%Y%m%d").to_string();
    let made = format!("SELECT count(*) FROM pg_class WHERE relname = 'inbox_{ahead}'");
    let admin = world.database.admin().await;
    eventually("days are made", async || admin.query_one(&made, &[]).await.unwrap().get::<_, i64>(0) == 1)
        .await;
    // And then it dropped what it took for old.
    world.publish("another").await;
    world.settle(2).await;
    assert_eq!(world.count("SELECT count(*) AS count FROM outbox").await, 2);
    assert_eq!(world.count("SELECT count(*) AS count FROM inbox").await, 2);
    world.stop().await;
}
