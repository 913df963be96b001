//! Every process hears a broadcast, and learns when it may have missed one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use witan_events::broadcast;

use crate::ledger::World;
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_process_hears_it_and_is_told_of_gaps() {
    let mut world = World::create().await;
    let [heard, gaps, losses] = [const { AtomicUsize::new(0) }; 3].map(Arc::new);
    for _ in 0..3 {
        let (lifecycle, amqp) = world.process();
        let (heard, gaps, losses) = (heard.clone(), gaps.clone(), losses.clone());
        broadcast(
            &amqp,
            &lifecycle,
            &["user.*"],
            move |event| {
                assert_eq!(event.event_type, "user.registered");
                heard.fetch_add(1, Ordering::SeqCst);
            },
            move || {
                gaps.fetch_add(1, Ordering::SeqCst);
            },
            move || {
                losses.fetch_add(1, Ordering::SeqCst);
            },
        );
        assert!(amqp.wait_ready(Duration::from_secs(20)).await);
    }
    assert_eq!(gaps.load(Ordering::SeqCst), 3);
    world.relay();
    world.publish("one").await;
    eventually("all three hear it", async || heard.load(Ordering::SeqCst) == 3).await;

    eventually("connections are listed", async || world.broker.close_connections().await > 0).await;
    eventually("all three are told", async || gaps.load(Ordering::SeqCst) >= 6).await;
    assert!(losses.load(Ordering::SeqCst) >= 3);
    let before = heard.load(Ordering::SeqCst);
    world.publish("two").await;
    eventually("all three hear again", async || heard.load(Ordering::SeqCst) >= before + 3).await;
    world.stop().await;
}
