use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout};
use witan_ids::WorkspaceId;

use crate::world::{QUEUE, World};

/// More than a broker needs for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A tail that listens.
struct Tail {
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
    child: Child,
}

impl Tail {
    async fn start(world: &World, arguments: &[&str]) -> Self {
        let mut child = world.command(&[&["events", "tail"], arguments].concat()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        let err = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut tail = Self { out, err, child };
        tail.says("following events").await;
        tail
    }

    async fn says(&mut self, what: &str) {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.err.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("it does not say {what:?}")).unwrap().unwrap();
            if line.contains(what) {
                return;
            }
        }
    }

    async fn line(&mut self) -> String {
        tokio::time::timeout(PATIENCE, self.out.next_line()).await.unwrap().unwrap().unwrap()
    }

    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let event: Value = serde_json::from_str(&self.line().await).unwrap();
            ids.push(event["id"].as_str().unwrap().to_owned());
        }
        ids
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_prints_what_passes_and_takes_nothing() {
    let world = World::create().await;
    let mut tail = Tail::start(&world, &["--count", "2"]).await;
    let workspace = WorkspaceId::generate(&world.clock);
    let first = world.event("startup.created", "stp_1", Some(workspace));
    let second = world.event("user.verified", "usr_1", None);
    world.publish(&first).await;
    world.publish(&second).await;
    let line = tail.line().await;
    for part in
        ["probe", "startup.created", "stp_1#1", &workspace.to_string(), &first.id.to_string(), "Analytical"]
    {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(tail.line().await.contains("user.verified"));
    let status = tokio::time::timeout(PATIENCE, tail.child.wait()).await.unwrap().unwrap();
    assert!(status.success());
    assert_eq!(world.take(QUEUE).await.len(), 2, "the consumer has them too");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_chooses_by_type_workspace_and_subject() {
    let world = World::create().await;
    let (one, other) = (WorkspaceId::generate(&world.clock), WorkspaceId::generate(&world.clock));
    let workspace = one.to_string();
    let mut types = Tail::start(&world, &["--json", "--type", "startup.*", "--type", "agent.#"]).await;
    let mut of_one = Tail::start(&world, &["--json", "--workspace", &workspace]).await;
    let mut about = Tail::start(&world, &["--json", "--workspace", &workspace, "--subject", "stp_2"]).await;
    let events = [
        world.event("startup.created", "stp_1", Some(one)),
        world.event("user.verified", "usr_1", None),
        world.event("agent.run.completed", "run_1", Some(other)),
        world.event("startup.created", "stp_2", Some(other)),
        world.event("startup.created", "stp_2", Some(one)),
    ];
    for event in &events {
        world.publish(event).await;
    }
    let ids = |wanted: &[usize]| wanted.iter().map(|n| events[*n].id.to_string()).collect::<Vec<_>>();
    assert_eq!(types.ids(4).await, ids(&[0, 2, 3, 4]));
    assert_eq!(of_one.ids(2).await, ids(&[0, 4]));
    assert_eq!(about.ids(1).await, ids(&[4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_again_when_the_broker_comes_back() {
    let world = World::create().await;
    let mut tail = Tail::start(&world, &["--json"]).await;
    let first = world.event("startup.created", "stp_1", None);
    world.publish(&first).await;
    assert_eq!(tail.ids(1).await, [first.id.to_string()]);
    // The broker lists a connection only after some seconds.
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while world.broker.close_connections().await == 0 {
        assert!(tokio::time::Instant::now() < deadline);
    }
    tail.says("went away").await;
    tail.says("following again").await;
    let second = world.event("startup.created", "stp_1", None);
    world.publish(&second).await;
    assert_eq!(tail.ids(1).await, [second.id.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_it_says_so() {
    let world = World::create().await;
    let mut command = world.command(&["events", "tail"]);
    let output = command.env("AMQP_URL", "amqp://127.0.0.1:1/none").output().await.unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("AMQP_URL"));
}
