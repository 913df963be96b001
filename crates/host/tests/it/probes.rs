use witan_host::{migration_sets, openapi};
use witan_testkit::eventually;

use crate::keep_alive::Connection;
use crate::tiny::Tiny;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_and_metrics_are_on_the_second_port_only() {
    let world = World::new::<Tiny>(migration_sets::<Tiny>).await;
    let running = world.run::<Tiny>().await.unwrap();
    let mut internal = Connection::open(running.internal_addr).await;
    let mut public = Connection::open(running.public_addr).await;
    for path in ["/live", "/ready", "/health", "/metrics"] {
        assert_eq!(internal.get(path).await.unwrap().status, 200, "{path}");
        assert_eq!(public.get(path).await.unwrap().status, 404, "{path}");
    }
    assert_eq!(internal.get("/api/v1/slow").await.unwrap().status, 404);
    let metrics = internal.get("/metrics").await.unwrap().body;
    assert!(metrics.contains("# TYPE"), "{metrics}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_ready_and_live_without_broker_and_redis() {
    let mut world = World::new::<Tiny>(migration_sets::<Tiny>).await;
    let env = world.env.with("AMQP_URL", "amqp://guest:guest@127.0.0.1:1/x");
    world.env = env.with("REDIS_URL", "redis://127.0.0.1:1");
    let running = world.run::<Tiny>().await.unwrap();
    let mut internal = Connection::open(running.internal_addr).await;
    assert_eq!(internal.get("/ready").await.unwrap().status, 200);
    assert_eq!(internal.get("/live").await.unwrap().status, 200);
    assert_eq!(Connection::open(running.public_addr).await.get("/api/v1/slow").await.unwrap().status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_a_service_is_live_and_not_ready() {
    let world = World::new::<Tiny>(migration_sets::<Tiny>).await;
    let running = world.run::<Tiny>().await.unwrap();
    let internal = running.internal_addr;
    drop(world.database);
    eventually("it is not ready", async || {
        Connection::open(internal).await.get("/ready").await.is_ok_and(|answer| answer.status == 503)
    })
    .await;
    assert_eq!(Connection::open(internal).await.get("/live").await.unwrap().status, 200);
    running.stop().await;
}

#[test]
fn the_document_describes_the_service() {
    let document = serde_json::to_value(openapi::<Tiny>()).unwrap();
    assert_eq!(document["info"]["title"], "Witan: tiny");
    assert_eq!(document["info"]["description"], "Answers slowly.");
    assert!(document["paths"]["/api/v1/slow"]["get"]["operationId"] == "slow");
}
