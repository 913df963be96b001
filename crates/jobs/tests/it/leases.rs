//! Workers that die, and workers that come back from the dead.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use witan_jobs::{Job, JobError, Outcome, Worker, complete_many};
use witan_pg::{Pg, SystemTx};

use crate::support::eventually;
use crate::world::{Probe, World, job};

const LEASE: Duration = Duration::from_millis(600);

/// Begins a job and gives no more signs of life: its lease is cut off behind its back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_of_a_killed_worker_is_taken_over() {
    let mut world = World::create().await;
    let hung = Probe { takes: Duration::from_secs(60), ..Probe::new(Outcome::Done) };
    let id = world.enqueue(job()).await;
    // A runtime that ends at once takes its tasks with it, as a killed process would.
    let (pg_config, clock, killed) = (world.database.config(), world.clock.clone(), hung.clone());
    let process = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let lifecycle = witan_lifecycle::Lifecycle::new();
            let pg = Pg::connect(&pg_config, "killed").await.unwrap();
            let worker = Probe { lease: LEASE, ..killed.clone() };
            witan_jobs::Runner::new(&pg, &clock, &lifecycle).worker(worker).spawn();
            eventually("the job has begun", async || killed.runs() == 1).await;
        });
        runtime.shutdown_background();
    });
    tokio::task::spawn_blocking(move || process.join()).await.unwrap().unwrap();
    assert_eq!(world.state(id).await.state, "running");

    let heir = Probe { lease: LEASE, ..Probe::new(Outcome::Done) };
    world.run(heir.clone());
    eventually("the job is done by the other", async || world.is_done(id).await).await;
    assert_eq!((hung.runs(), heir.runs()), (1, 1));
    world.stop().await;
}

/// Signs of life keep a job for much longer than its lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_lives_keeps_its_job() {
    let mut world = World::create().await;
    let slow = Probe { takes: LEASE * 5, lease: LEASE, ..Probe::new(Outcome::Done) };
    let other = Probe { lease: LEASE, ..Probe::new(Outcome::Done) };
    world.run(slow.clone());
    let id = world.enqueue(job()).await;
    eventually("the job has begun", async || slow.runs() == 1).await;
    world.run(other.clone());
    eventually("the job is done", async || world.is_done(id).await).await;
    assert_eq!((slow.runs(), other.runs()), (1, 0));
    world.stop().await;
}

/// Tries to finish its job in a transaction of its own after the lease was taken away.
struct Ghost {
    pg: Pg,
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
    lost: Arc<AtomicUsize>,
    finished: Arc<AtomicUsize>,
}

#[async_trait]
impl Worker for Ghost {
    fn kind(&self) -> &'static str {
        "probe"
    }

    async fn run(&self, job: &Job) -> Outcome {
        self.begun.notify_one();
        self.go_on.notified().await;
        let complete = self.pg.tx("complete", async |tx| job.complete(tx).await).await;
        match complete {
            Ok(()) => self.finished.fetch_add(1, Ordering::SeqCst),
            Err(JobError::Lost(_)) => self.lost.fetch_add(1, Ordering::SeqCst),
            Err(JobError::Database(error)) => panic!("{error}"),
        };
        Outcome::Done
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_completion_after_the_lease_is_refused() {
    let mut world = World::create().await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (lost, finished) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    world.run(Ghost {
        pg: world.pg.clone(),
        begun: begun.clone(),
        go_on: go_on.clone(),
        lost: lost.clone(),
        finished: finished.clone(),
    });
    let id = world.enqueue(job()).await;
    begun.notified().await;
    let admin = world.database.admin().await;
    let expire = "UPDATE probe.jobs SET state = 'ready', lease_token = NULL, lease_until = NULL";
    admin.batch_execute(expire).await.unwrap();
    go_on.notify_one();
    eventually("the first is refused", async || AtomicUsize::load(&lost, Ordering::SeqCst) == 1).await;
    begun.notified().await;
    go_on.notify_one();
    // Counted after the commit by which it is done.
    eventually("the second is counted", async || AtomicUsize::load(&finished, Ordering::SeqCst) == 1).await;
    assert!(world.is_done(id).await);
    world.stop().await;
}

/// Finishes its job together with one that nobody holds.
struct Hasty {
    pg: Pg,
    ended: Arc<Mutex<Vec<Result<(), JobError>>>>,
    held: Arc<Mutex<Vec<Job>>>,
}

#[async_trait]
impl Worker for Hasty {
    fn kind(&self) -> &'static str {
        "probe"
    }

    fn concurrency(&self) -> usize {
        2
    }

    async fn run(&self, job: &Job) -> Outcome {
        let jobs: Vec<Job> = {
            let mut held = self.held.lock().unwrap();
            held.push(job.clone());
            held.clone()
        };
        if jobs.len() == 2 {
            let complete = async |tx: &mut SystemTx<'_>| complete_many(tx, &[&jobs[0], &jobs[1]]).await;
            let ended = self.pg.tx("complete", complete).await;
            self.ended.lock().unwrap().push(ended);
        }
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_jobs_that_are_completed_together_all_are_or_none() {
    let mut world = World::create().await;
    let (ended, held) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let lifecycle = world.run(Hasty { pg: world.pg.clone(), ended: ended.clone(), held: held.clone() });
    let first = world.enqueue(job()).await;
    eventually("the first has begun", async || held.lock().unwrap().len() == 1).await;
    let admin = world.database.admin().await;
    admin.batch_execute("UPDATE probe.jobs SET lease_token = gen_random_uuid()").await.unwrap();
    let second = world.enqueue(job()).await;
    eventually("it was refused", async || ended.lock().unwrap().len() == 1).await;
    let refused = ended.lock().unwrap().pop().unwrap();
    assert!(matches!(refused, Err(JobError::Lost(id)) if id == first), "{refused:?}");
    assert!(!world.is_done(first).await && !world.is_done(second).await);
    lifecycle.stop();
    world.stop().await;
}

/// Also while there is so much to do that nobody ever waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_of_a_killed_worker_is_taken_over_by_one_who_is_busy() {
    let mut world = World::create().await;
    let left = world.enqueue(job().at(world.clock.now() + Duration::from_secs(3600))).await;
    let admin = world.database.admin().await;
    let leave = "UPDATE probe.jobs SET state = 'running', attempts = 1, lease_token = gen_random_uuid(),
        lease_until = now() - interval '1 second', run_at = now()";
    admin.batch_execute(leave).await.unwrap();
    world.run(Probe::new(Outcome::Done));
    let busy = async {
        loop {
            world.enqueue(job()).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = busy => {}
        () = eventually("it is done", async || world.is_done(left).await) => {}
    }
    world.stop().await;
}
