//! One of all replicas does what is to be done periodically.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use witan_jobs::Runner;
use witan_lifecycle::Lifecycle;

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
