use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::Lifecycle;

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn draining_makes_not_ready_and_leaves_background_work_alone() {
    let lifecycle = Lifecycle::new();
    assert!(!lifecycle.is_ready());
    lifecycle.set_ready(true);
    assert!(lifecycle.is_ready());
    lifecycle.begin_drain();
    assert!(!lifecycle.is_ready());
    assert!(lifecycle.draining().is_cancelled());
    assert!(!lifecycle.stopping().is_cancelled());
    assert!(lifecycle.is_live());
}

#[tokio::test]
async fn a_late_ready_does_not_undo_draining() {
    let lifecycle = Lifecycle::new();
    lifecycle.begin_drain();
    lifecycle.set_ready(true);
    assert!(!lifecycle.is_ready());
}

#[tokio::test]
async fn stop_is_waited_for_until_tasks_finished_what_they_hold() {
    let lifecycle = Lifecycle::new();
    let finished = Arc::new(AtomicBool::new(false));
    let (stopping, flag) = (lifecycle.stopping(), finished.clone());
    lifecycle.spawn("worker", async move {
        stopping.cancelled().await;
        tokio::task::yield_now().await;
        flag.store(true, Ordering::SeqCst);
    });
    assert_eq!(lifecycle.tasks(), 1);
    lifecycle.stop();
    assert!(lifecycle.wait_idle(SOON).await);
    assert!(finished.load(Ordering::SeqCst));
    assert_eq!(lifecycle.tasks(), 0);
}

#[tokio::test]
async fn waiting_has_a_deadline() {
    let lifecycle = Lifecycle::new();
    lifecycle.spawn("stubborn", std::future::pending());
    lifecycle.stop();
    assert!(!lifecycle.wait_idle(Duration::from_millis(20)).await);
}

#[tokio::test]
async fn a_task_that_panics_makes_the_process_not_live() {
    let lifecycle = Lifecycle::new();
    lifecycle.spawn("fragile", async { panic!("on purpose") });
    assert!(lifecycle.wait_idle(SOON).await);
    assert!(!lifecycle.is_live());
}

#[test]
fn tasks_run_on_the_runtime_that_made_the_lifecycle() {
    let main = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lifecycle = main.block_on(async { Lifecycle::new() });
    let (report, reported) = oneshot::channel();
    let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    worker.block_on(async {
        let task = async move { report.send(tokio::runtime::Handle::current().id()).unwrap() };
        lifecycle.spawn("from a worker", task);
    });
    drop(worker);
    assert_eq!(main.block_on(reported).unwrap(), main.handle().id());
}

#[tokio::test]
async fn the_shutdown_signal_also_fires_for_a_drain_from_inside() {
    let lifecycle = Lifecycle::new();
    lifecycle.begin_drain();
    tokio::time::timeout(SOON, lifecycle.shutdown_signal()).await.unwrap();
}
