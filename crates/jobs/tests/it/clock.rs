//! A clock that is set back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use witan_clock::ManualClock;
use witan_jobs::{Outcome, Runner};
use witan_lifecycle::Lifecycle;

use crate::support::eventually;
use crate::world::{Probe, World, job};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_by_the_time_of_before_comes_as_much_earlier() {
    let mut world = World::create().await;
    let time = ManualClock::at(world.clock.now());
    world.clock = time.clock();
    let began = world.clock.now();
    let after = Duration::from_secs(600);
    let probe = Probe::new(Outcome::Later { after, reason: "not now" });
    world.run(probe.clone());
    let id = world.enqueue(job()).await;
    eventually("it is put off", async || world.state(id).await.run_at == began + after).await;
    time.set(began - TimeDelta::hours(1));
    eventually("it comes earlier", async || world.state(id).await.run_at == world.clock.now() + after).await;
    time.advance(after);
    eventually("its time has come", async || probe.runs() == 2).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_may_be_set_back_while_nobody_works() {
    let mut world = World::create().await;
    let time = ManualClock::at(world.clock.now());
    world.clock = time.clock();
    let now = world.enqueue(job()).await;
    let later = world.enqueue(job().at(world.clock.now() + TimeDelta::minutes(10))).await;
    time.set(world.clock.now() - TimeDelta::hours(1));
    let probe = Probe::new(Outcome::Done);
    world.run(probe.clone());
    eventually("what was for now is done", async || world.is_done(now).await).await;
    assert_eq!(probe.runs(), 1);
    assert_eq!(world.state(later).await.run_at, world.clock.now() + TimeDelta::minutes(10));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_periodically_is_not_missed() {
    let mut world = World::create().await;
    let time = ManualClock::at(world.clock.now());
    let (lifecycle, runs) = (Lifecycle::new(), Arc::new(AtomicUsize::new(0)));
    let begun = runs.clone();
    Runner::new(&world.pg, &time.clock(), &lifecycle)
        .periodic("hourly", Duration::from_secs(3600), move |_| {
            begun.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok(()))
        })
        .spawn();
    world.processes.push(lifecycle);
    let next = async || world.periodic("hourly").await.map(|state| state.next_at);
    let hence = || time.clock().now() + TimeDelta::hours(1);
    eventually("it was done", async || next().await == Some(hence())).await;
    time.set(time.clock().now() - TimeDelta::hours(5));
    eventually("it was done by the new time", async || next().await == Some(hence())).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    world.stop().await;
}
