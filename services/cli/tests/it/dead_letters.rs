use serde_json::json;

use crate::world::{QUEUE, World, dead};

#[tokio::test(flavor = "multi_thread")]
async fn they_are_listed_and_shown_and_stay() {
    let world = World::create().await;
    let events =
        [world.event("startup.created", "stp_1", None), world.event("startup.deleted", "stp_2", None)];
    for event in &events {
        world.bury(event).await;
    }
    let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
    for _ in 0..2 {
        let listed = world.json(&["dead-letters", "list", QUEUE, "--json"]).await;
        let found: Vec<_> = listed.iter().map(|letter| letter["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids, "looking takes nothing away");
    }
    assert_eq!(world.json(&["dead-letters", "list", QUEUE, "--json", "--limit", "1"]).await.len(), 1);
    let shown = &world.json(&["dead-letters", "show", QUEUE, &ids[1], "--json"]).await[0];
    assert_eq!(shown["event"]["type"], "startup.deleted");
    assert_eq!(
        (&shown["reason"], &shown["attempts"], &shown["firstError"], &shown["lastError"]),
        (&json!("failed"), &json!(5), &json!("the first error"), &json!("the last error"))
    );
    let text = String::from_utf8(world.run(&["dead-letters", "list", QUEUE]).await.stdout).unwrap();
    assert!(
        text.contains(&ids[0]) && text.contains("the last error") && text.ends_with("2 in probe.things\n")
    );
    let text = String::from_utf8(world.run(&["dead-letters", "show", QUEUE, &ids[0]]).await.stdout).unwrap();
    assert!(text.contains("\"type\": \"startup.created\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_sent_back_as_it_was_or_all() {
    let world = World::create().await;
    let events: Vec<_> = (1..=3).map(|n| world.event("startup.created", &format!("stp_{n}"), None)).collect();
    for event in &events {
        world.bury(event).await;
    }
    let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
    let done = world.json(&["dead-letters", "replay", QUEUE, &ids[1], "--json"]).await;
    assert_eq!(done, [json!({ "queue": QUEUE, "count": 1 })]);
    let back = world.take(QUEUE).await;
    assert_eq!(back.len(), 1);
    let (id, headers) = &back[0];
    assert_eq!(id, &ids[1], "the same id, for the inbox to know it");
    let names: Vec<&str> = headers.inner().keys().map(|name| name.as_str()).collect();
    assert!(names.contains(&"cloudEvents_id") && names.contains(&"cloudEvents_sequence"));
    assert!(!names.iter().any(|name| name.starts_with("witan-")), "{names:?}");
    assert_eq!(world.json(&["dead-letters", "list", QUEUE, "--json"]).await.len(), 2);

    let output = world.run(&["dead-letters", "replay", QUEUE, "--all"]).await;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "2 sent back\n");
    let back: Vec<String> = world.take(QUEUE).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(back, [ids[0].clone(), ids[2].clone()]);
    assert!(world.take(&dead(QUEUE)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_dropped_or_all() {
    let world = World::create().await;
    let events: Vec<_> = (1..=3).map(|n| world.event("startup.created", &format!("stp_{n}"), None)).collect();
    for event in &events {
        world.bury(event).await;
    }
    let id = events[0].id.to_string();
    assert!(world.run(&["dead-letters", "drop", QUEUE, &id]).await.status.success());
    let left = world.json(&["dead-letters", "list", QUEUE, "--json"]).await;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|letter| letter["id"] != id));
    let dropped = world.json(&["dead-letters", "drop", QUEUE, "--all", "--json"]).await;
    assert_eq!(dropped[0]["count"], 2);
    assert!(world.take(&dead(QUEUE)).await.is_empty() && world.take(QUEUE).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_and_does_nothing() {
    let world = World::create().await;
    let event = world.event("startup.created", "stp_1", None);
    world.bury(&event).await;
    let unknown = world.event("startup.created", "stp_1", None).id.to_string();
    for (arguments, says) in [
        (vec!["replay", QUEUE, &unknown], "no dead letter with this id"),
        (vec!["drop", QUEUE, &unknown], "no dead letter with this id"),
        (vec!["show", QUEUE, &unknown], "has no dead letter"),
        (vec!["list", "no.such"], "is no.such a consumer's queue"),
        (vec!["drop", "no.such", "--all"], "is no.such a consumer's queue"),
        // Everything is dropped by whoever says so, and by nobody else.
        (vec!["drop", QUEUE], "required"),
        (vec!["drop", "--all"], "or their --type"),
        (vec!["replay", QUEUE, &unknown, "--type", "startup.*"], "cannot be used with"),
        (vec!["replay", QUEUE, &unknown, "--all"], "cannot be used with"),
    ] {
        let output = world.run(&[&["dead-letters"], arguments.as_slice()].concat()).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(says), "{arguments:?}: {error}");
    }
    assert_eq!(world.json(&["dead-letters", "list", QUEUE, "--json"]).await.len(), 1);
}

/// Two of one type and one of another, in two queues of three.
async fn scattered(world: &World) -> [String; 3] {
    world.declare(OTHER).await;
    world.declare("probe.fine").await;
    let events = [
        world.event("startup.created", "stp_1", None),
        world.event("startup.deleted", "stp_2", None),
        world.event("startup.created", "stp_3", None),
    ];
    world.bury(&events[0]).await;
    world.bury(&events[1]).await;
    world.bury_in(OTHER, &events[2]).await;
    events.map(|event| event.id.to_string())
}

const OTHER: &str = "other.things";

fn found(letters: &[serde_json::Value]) -> Vec<(&str, &str)> {
    letters.iter().map(|one| (one["queue"].as_str().unwrap(), one["id"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_queue_those_of_all_services_are_listed() {
    let world = World::create().await;
    let ids = scattered(&world).await;
    let listed = world.json(&["dead-letters", "list", "--json"]).await;
    assert_eq!(
        found(&listed),
        [(OTHER, ids[2].as_str()), (QUEUE, ids[0].as_str()), (QUEUE, ids[1].as_str())]
    );
    let listed = world.json(&["dead-letters", "list", "--type", "startup.created", "--json"]).await;
    assert_eq!(found(&listed), [(OTHER, ids[2].as_str()), (QUEUE, ids[0].as_str())]);
    let listed =
        world.json(&["dead-letters", "list", QUEUE, "--type", "*.deleted", "--limit", "1", "--json"]).await;
    assert_eq!(found(&listed), [(QUEUE, ids[1].as_str())]);
    let text = String::from_utf8(world.run(&["dead-letters", "list"]).await.stdout).unwrap();
    assert!(text.contains("1 in other.things\n") && text.ends_with("2 in probe.things\n"), "{text}");
    assert!(!text.contains("probe.fine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_of_a_type_are_sent_back_or_dropped_wherever_they_are() {
    let world = World::create().await;
    let ids = scattered(&world).await;
    let done = world.json(&["dead-letters", "replay", "--all", "--type", "startup.created", "--json"]).await;
    assert_eq!(done, [json!({ "queue": OTHER, "count": 1 }), json!({ "queue": QUEUE, "count": 1 })]);
    for (queue, id) in [(QUEUE, &ids[0]), (OTHER, &ids[2])] {
        let back: Vec<String> = world.take(queue).await.into_iter().map(|(id, _)| id).collect();
        assert_eq!(back, std::slice::from_ref(id));
    }
    let none = world.run(&["dead-letters", "drop", "--all", "--type", "startup.created"]).await;
    assert!(none.status.success() && none.stdout.is_empty());
    let left = world.json(&["dead-letters", "list", "--json"]).await;
    assert_eq!(found(&left), [(QUEUE, ids[1].as_str())]);
    let output = world.run(&["dead-letters", "drop", "--all", "--type", "#"]).await;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 dropped in probe.things\n");
    assert!(world.json(&["dead-letters", "list", "--json"]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_tell_its_queues_is_named() {
    let world = World::create().await;
    let output =
        world.run(&["dead-letters", "list", "--management-url", "http://nobody:wrong@127.0.0.1:1"]).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("AMQP_MANAGEMENT_URL"), "{error}");
    assert!(!error.contains("wrong"), "{error}");
}
