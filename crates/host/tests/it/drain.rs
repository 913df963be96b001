use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use witan_host::migration_sets;
use witan_testkit::eventually;

use crate::keep_alive::Connection;
use crate::tiny::Tiny;
use crate::world::World;

const CLIENTS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_under_load_loses_no_request_and_stops_in_order() {
    let world = World::new::<Tiny>(migration_sets::<Tiny>).await;
    let running = world.run::<Tiny>().await.unwrap();
    let (public, internal) = (running.public_addr, running.internal_addr);
    let answered = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let answered = answered.clone();
        clients.spawn(async move {
            let mut connection = Connection::open(public).await;
            loop {
                let answer = connection.get("/api/v1/slow").await.expect("a request was lost");
                assert_eq!(answer.status, 200);
                answered.fetch_add(1, Ordering::SeqCst);
                if answer.close {
                    return;
                }
            }
        });
    }
    eventually("there is load", async || answered.load(Ordering::SeqCst) > 5 * CLIENTS).await;

    let mut stopping = JoinSet::new();
    stopping.spawn(running.stop());
    eventually("it is not ready any more", async || {
        Connection::open(internal).await.get("/ready").await.is_ok_and(|answer| answer.status == 503)
    })
    .await;
    let finished = Connection::open(public).await.get("/api/v1/finished").await.unwrap();
    assert_eq!(finished.body, "false", "work in the background stopped before the requests were answered");

    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    assert!(stopping.join_next().await.unwrap().unwrap(), "tasks were left behind");
    assert!(TcpStream::connect(public).await.is_err(), "it still listens");
    assert!(TcpStream::connect(internal).await.is_err(), "it still listens");
}
