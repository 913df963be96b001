//! How jobs begin and end.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use tokio::sync::mpsc;
use witan_ids::JobId;
use witan_jobs::{Job, Outcome, Worker, enqueue, hasten};
use witan_pg::{PgError, SystemTx, Tx as _};

use crate::support::eventually;
use crate::world::{Probe, World, job};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_done_once_by_whichever_process() {
    let mut world = World::create().await;
    let probe = Probe::new(Outcome::Done);
    for _ in 0..3 {
        world.run(probe.clone());
    }
    let mut jobs = Vec::new();
    for _ in 0..100 {
        jobs.push(world.enqueue(job()).await);
    }
    for id in jobs {
        eventually("the job is done", async || world.is_done(id).await).await;
    }
    assert_eq!(probe.runs(), 100);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_begins_as_soon_as_its_transaction_commits_and_not_before() {
    let mut world = World::create().await;
    let probe = Probe::new(Outcome::Done);
    world.run(probe.clone());
    world.enqueue(job()).await;
    eventually("the first is done", async || probe.runs() == 1).await;

    let rolled_back: Result<(), PgError> = world
        .pg
        .tx("rolled back", async |tx| {
            enqueue(tx, &world.clock, job()).await?;
            Err(PgError::NotFound)
        })
        .await;
    rolled_back.unwrap_err();
    // Ten in a row would take ten seconds if each waited for the poll.
    let begin = std::time::Instant::now();
    for runs in 2..12 {
        world.enqueue(job()).await;
        eventually("the next is done", async || probe.runs() >= runs).await;
    }
    assert!(begin.elapsed() < Duration::from_secs(5), "jobs waited for the poll: {:?}", begin.elapsed());
    assert_eq!(probe.runs(), 11);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_end_with_the_last_attempt() {
    let mut world = World::create().await;
    let retry = Outcome::Retry { after: Duration::from_millis(1), reason: "not yet".to_owned() };
    let probe = Probe::new(retry);
    world.run(probe.clone());
    let id = world.enqueue(job().max_attempts(3)).await;
    eventually("the job is dead", async || world.state(id).await.state == "dead").await;
    let state = world.state(id).await;
    assert_eq!((state.attempts, state.last_error.as_deref()), (3, Some("not yet")));
    assert_eq!(probe.runs(), 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_for_later_waits_and_one_with_the_same_key_is_the_same() {
    let mut world = World::create().await;
    let probe = Probe::new(Outcome::Done);
    world.run(probe.clone());
    let later = job().at(world.clock.now() + TimeDelta::milliseconds(1500)).dedupe("key");
    let id = world.enqueue(later.clone()).await;
    assert_eq!(world.enqueue(later).await, id);
    assert_eq!((world.state(id).await.state.as_str(), probe.runs()), ("ready", 0));
    eventually("its time has come", async || world.is_done(id).await).await;
    assert_eq!(probe.runs(), 1);
    assert_ne!(world.enqueue(job().dedupe("key")).await, id);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_are_added_at_once_and_of_one_key_one() {
    let mut world = World::create().await;
    let probe = Probe::new(Outcome::Done);
    let jobs = vec![job(), job().dedupe("a"), job().dedupe("a"), job().dedupe("b")];
    let add = async |tx: &mut witan_pg::SystemTx<'_>| {
        witan_jobs::enqueue_many(tx.conn(), &world.clock, jobs.clone()).await
    };
    world.pg.tx("enqueue", add).await.unwrap();
    world.pg.tx("enqueue", add).await.unwrap();
    world.run(probe.clone());
    eventually("all are done", async || probe.runs() == 4).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_put_off_counts_no_attempt_and_comes_when_it_is_called() {
    let mut world = World::create().await;
    let probe = Probe::new(Outcome::Later { after: Duration::from_secs(3600), reason: "not now" });
    world.run(probe.clone());
    let id = world.enqueue(job().max_attempts(1)).await;
    for runs in 1..4 {
        eventually("it is put off", async || probe.runs() == runs && world.state(id).await.state == "ready")
            .await;
        let state = world.state(id).await;
        assert_eq!((state.attempts, state.last_error.as_deref()), (0, Some("not now")));
        let call = async |tx: &mut SystemTx<'_>| hasten(tx, &world.clock, "probe", &[id]).await;
        world.pg.tx("hasten", call).await.unwrap();
    }
    eventually("the last", async || probe.runs() == 4).await;
    world.stop().await;
}

/// Puts everything off, and tells when that is done.
struct Shy(mpsc::UnboundedSender<JobId>);

#[async_trait]
impl Worker for Shy {
    fn kind(&self) -> &'static str {
        "probe"
    }

    async fn run(&self, _: &Job) -> Outcome {
        Outcome::Later { after: Duration::from_secs(3600), reason: "not now" }
    }

    fn was_put_off(&self, job: &Job) {
        let _ = self.0.send(job.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hears_that_a_job_was_put_off_can_call_it_at_once() {
    let mut world = World::create().await;
    let (told, mut tells) = mpsc::unbounded_channel();
    world.run(Shy(told));
    let id = world.enqueue(job()).await;
    for _ in 0..30 {
        assert_eq!(tells.recv().await, Some(id));
        let call = async |tx: &mut SystemTx<'_>| hasten(tx, &world.clock, "probe", &[id]).await;
        world.pg.tx("hasten", call).await.unwrap();
    }
    assert_eq!(tells.recv().await, Some(id));
    world.stop().await;
}
