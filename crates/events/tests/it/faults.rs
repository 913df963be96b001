//! Connections that break, relays that die, processes that are killed.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::io::{AsyncBufReadExt, BufReader};
use witan_clock::Clock;
use witan_config::Env;
use witan_events::contracts::auth::v1::UserRegistered;
use witan_events::{Amqp, AmqpConfig, Relay, publish};
use witan_lifecycle::Lifecycle;
use witan_pg::{DatabaseConfig, Pg};

use crate::ledger::{Ledger, World};
use crate::support::eventually;

const SUBJECTS: usize = 10;

async fn publish_many(world: &World, events: usize) {
    for index in 0..events {
        world.publish(&format!("subject-{}", index % SUBJECTS)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_closes_every_connection_while_events_flow() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    let over = AtomicBool::new(false);
    let publishing = async {
        let mut published = 0;
        while !over.load(Ordering::SeqCst) {
            publish_many(&world, 20).await;
            published += 20;
        }
        published
    };
    // Two processes with two connections each; both must have come back to be closed a second time.
    let breaking = async {
        let mut closed = 0;
        eventually("connections are closed twice", async || {
            closed += world.broker.close_connections().await;
            closed >= 8
        })
        .await;
        over.store(true, Ordering::SeqCst);
    };
    let (published, ()) = tokio::join!(publishing, breaking);
    world.settle(published).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_active_relay_goes_the_other_takes_over() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    let first = world.relay();
    world.publish("subject-0").await;
    world.settle(1).await;
    world.relay();
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        first.stop();
        assert!(first.wait_idle(Duration::from_secs(25)).await);
    };
    tokio::join!(publish_many(&world, 200), stopping);
    // subject-0 already had one.
    world.settle(201).await;
    world.stop().await;
}

/// Its lock goes with its session, which the server ends; nobody tells it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_loses_its_session_is_followed_by_another() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    world.relay();
    let admin = world.database.admin().await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let killing = async {
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(150)).await;
            admin.query(kill, &[]).await.unwrap();
        }
    };
    tokio::join!(publish_many(&world, 300), killing);
    world.settle(300).await;
    world.stop().await;
}

/// The transaction has committed, and the process is killed before its relay has sent anything, or in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_between_commit_and_publish_loses_nothing() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    let mut left = 0;
    for round in 0..5 {
        commit_and_be_killed(&world, round * 17).await;
        left += world.count("SELECT count(*) AS count FROM outbox WHERE published_at IS NULL").await;
    }
    assert!(left > 0, "nothing was left to be published, so nothing was tested");
    world.relay();
    let committed = world.count("SELECT count(*) AS count FROM outbox").await;
    world.settle(usize::try_from(committed).unwrap()).await;
    world.stop().await;
}

/// Runs `producer` in a process of its own and kills it (SIGKILL) after it has said a number of times that it
/// committed an event.
async fn commit_and_be_killed(world: &World, events: usize) {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::producer", "--ignored", "--nocapture"])
        .env("PRODUCER_DATABASE", world.database.config().url.expose_secret())
        .env("PRODUCER_BROKER", world.broker.config().url.expose_secret())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut committed = 0;
    while committed <= events {
        let line = lines.next_line().await.unwrap().expect("the producer runs until it is killed");
        committed += usize::from(line.contains("committed"));
    }
    child.kill().await.unwrap();
    eventually("its sessions are gone", async || {
        let live = "SELECT count(*) AS count FROM pg_stat_activity
                    WHERE application_name = 'producer' AND datname = current_database()";
        world.count(live).await == 0
    })
    .await;
}

/// Not a test: the process that is killed. Commits events and relays them, for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by another test, as a process of its own"]
async fn producer() {
    let env = Env::process();
    let (Some(database), Some(broker)) = (env.get("PRODUCER_DATABASE"), env.get("PRODUCER_BROKER")) else {
        return;
    };
    let pg = Pg::connect(&DatabaseConfig::new(database), "producer").await.unwrap();
    let (lifecycle, clock) = (Lifecycle::new(), Clock::system());
    let amqp = Amqp::connect(&AmqpConfig::new(broker), &lifecycle);
    Relay::spawn(&pg, &amqp, &clock, &lifecycle, "probe");
    for index in 0_usize.. {
        let subject = format!("subject-{}", index % SUBJECTS);
        let event = UserRegistered { user_id: subject.clone(), email: String::new() };
        pg.tx("publish", async |tx| publish(tx, &clock, &subject, &event).await).await.unwrap();
        println!("committed");
    }
}
