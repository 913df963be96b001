//! One of all replicas does what is to be done periodically.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use witan_clock::ManualClock;
use witan_jobs::Runner;
use witan_lifecycle::Lifecycle;
use witan_pg::PgError;

use crate::support::eventually;
use crate::world::World;

const EVERY: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_do_it_as_often_as_one_would() {
    let mut world = World::create().await;
    let (runs, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let begin = std::time::Instant::now();
    for _ in 0..3 {
        let lifecycle = Lifecycle::new();
        let (runs, at_once) = (runs.clone(), at_once.clone());
        Runner::new(&world.pg, &world.clock, &lifecycle)
            .periodic("tick", EVERY, move |_| {
                let (runs, at_once) = (runs.clone(), at_once.clone());
                async move {
                    assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "two replicas at once");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    at_once.fetch_sub(1, Ordering::SeqCst);
                    runs.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                }
            })
            .spawn();
        world.processes.push(lifecycle);
    }
    eventually("it was done five times", async || runs.load(Ordering::SeqCst) >= 5).await;
    let most = begin.elapsed().as_millis() / EVERY.as_millis() + 1;
    assert!(runs.load(Ordering::SeqCst) as u128 <= most, "done more often than every {EVERY:?}");
    for process in &world.processes {
        assert!(process.is_live(), "two replicas did it at once");
    }
    world.stop().await;
}

/// The next start goes on at once, and does not wait for a lease that nobody holds any longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stop_interrupts_is_free_for_the_next() {
    let mut world = World::create().await;
    let begun = Arc::new(AtomicUsize::new(0));
    let start = |world: &mut World| {
        let (lifecycle, begun) = (Lifecycle::new(), begun.clone());
        Runner::new(&world.pg, &world.clock, &lifecycle)
            .periodic("endless", EVERY, move |_| {
                begun.fetch_add(1, Ordering::SeqCst);
                std::future::pending()
            })
            .spawn();
        world.processes.push(lifecycle.clone());
        lifecycle
    };
    let first = start(&mut world);
    eventually("it has begun", async || begun.load(Ordering::SeqCst) == 1).await;
    first.stop();
    assert!(first.wait_idle(Duration::from_secs(25)).await);
    start(&mut world);
    eventually("it has begun again", async || begun.load(Ordering::SeqCst) == 2).await;
    world.stop().await;
}

/// A night's work that failed does not wait for the next night.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_is_tried_again_within_a_minute() {
    let mut world = World::create().await;
    let time = ManualClock::at(world.clock.now());
    let (lifecycle, begun) = (Lifecycle::new(), Arc::new(AtomicUsize::new(0)));
    let runs = begun.clone();
    Runner::new(&world.pg, &time.clock(), &lifecycle)
        .periodic("nightly", Duration::from_secs(24 * 3600), move |_| {
            let first = runs.fetch_add(1, Ordering::SeqCst) == 0;
            async move { if first { Err(PgError::NotFound) } else { Ok(()) } }
        })
        .spawn();
    world.processes.push(lifecycle);
    let failed = async || world.periodic("nightly").await.is_some_and(|state| state.last_error.is_some());
    let next = async || world.periodic("nightly").await.unwrap().next_at;
    eventually("it has failed", failed).await;
    assert_eq!(next().await, time.clock().now() + Duration::from_secs(60));
    time.advance(Duration::from_secs(60));
    eventually("it was done", async || !failed().await).await;
    assert_eq!(next().await, time.clock().now() + Duration::from_secs(24 * 3600));
    assert_eq!(begun.load(Ordering::SeqCst), 2);
    world.stop().await;
}
