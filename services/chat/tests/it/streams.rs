//! Answers as they come: cut off, gone on with, stopped, interrupted.

use std::time::Duration;

use serde_json::json;
use witan_testkit::{Client, EventStream, Reply, StreamEvent, TestService, eventually, sink};

use crate::{CONVERSATIONS, ask, chat, persona, platform_persona, say_streamed};

async fn follow(person: &Client, conversation: &str, after: Option<&str>) -> Vec<StreamEvent> {
    let path = format!("{CONVERSATIONS}/{conversation}/stream");
    let mut request = person.request("GET".parse().unwrap(), &path);
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after);
    }
    EventStream::of(request.send().await.unwrap()).await.all().await
}

fn text(events: &[StreamEvent]) -> String {
    events.iter().filter_map(|event| event.data["text"].as_str()).collect()
}

#[tokio::test]
async fn a_stream_begins_goes_on_and_ends_and_can_be_read_again_from_any_place() {
    let service = chat().await;
    let member = service.member();
    let persona = platform_persona(&member).await;
    let events = say_streamed(&member, &persona, "Tell me about pricing").await.all().await;
    let names: Vec<&str> = events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("start", "done"));
    assert!(names[1..names.len() - 1].iter().all(|name| *name == "delta"));
    let start = &events[0].data;
    let conversation = start["conversationId"].as_str().unwrap();
    assert_eq!(events.last().unwrap().data["messageId"], start["messageId"]);

    let stored = member.get(&format!("{CONVERSATIONS}/{conversation}/messages")).await.expect(200).json;
    assert_eq!(stored["data"][0]["content"], text(&events));
    assert_eq!(follow(&member, conversation, None).await, events);
    for at in 0..events.len() - 1 {
        assert_eq!(follow(&member, conversation, Some(&events[at].id)).await, events[at + 1..]);
    }
    let path = format!("{CONVERSATIONS}/{conversation}/stream?after=nonsense");
    member.get(&path).await.expect_problem(400, "request.query_invalid");
}

/// A webhook that answers when it is told to: until then the answer is being made.
async fn slow(service: &TestService<witan_chat::Chat>, admin: &Client) -> (witan_testkit::Sink, String) {
    let partner = sink().await;
    let made = persona(admin, "Slow", json!({ "kind": "WEBHOOK", "url": partner.url("/") })).await;
    let _ = service;
    (partner, made["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_answer_goes_on_without_its_reader_and_one_at_a_time() {
    let service = chat().await;
    let admin = service.admin();
    let (partner, id) = slow(&service, &admin).await;
    partner.reply_next(Reply::json(&json!({ "answer": "Here I am." })).after(Duration::from_millis(600)));
    let mut stream = say_streamed(&admin, &id, "Are you there?").await;
    let start = stream.next().await.unwrap();
    drop(stream);
    let conversation = start.data["conversationId"].as_str().unwrap();
    let again = json!({ "message": "Hello?", "conversationId": conversation });
    admin.post(&ask(&id), again).await.expect_problem(409, "chat.answer_in_progress");
    let rest = follow(&admin, conversation, Some(&start.id)).await;
    assert_eq!((text(&rest).as_str(), rest.last().unwrap().event.as_str()), ("Here I am.", "done"));
}

#[tokio::test]
async fn another_replica_follows_and_stops_what_this_one_makes() {
    let service = chat().await;
    let admin = service.admin();
    let (partner, id) = slow(&service, &admin).await;
    let replica = service.replica().await.unwrap();
    let there = Client::anonymous(format!("http://{}/", replica.public_addr).parse().unwrap())
        .with_token(admin.token().unwrap())
        .in_workspace(service.workspace);
    partner.reply_next(Reply::json(&json!({ "answer": "too late" })).after(Duration::from_secs(30)));
    let mut stream = say_streamed(&admin, &id, "Are you there?").await;
    let start = stream.next().await.unwrap();
    let conversation = start.data["conversationId"].as_str().unwrap();
    there.post(&format!("{CONVERSATIONS}/{conversation}/stop"), json!({})).await.expect(204);
    let end = stream.next().await.unwrap();
    assert_eq!((end.event.as_str(), end.data["state"].as_str()), ("done", Some("STOPPED")));
    assert_eq!(follow(&there, conversation, Some(&start.id)).await, [end]);
    let stop = format!("{CONVERSATIONS}/{conversation}/stop");
    there.post(&stop, json!({})).await.expect_problem(409, "chat.not_answering");
    assert!(replica.stop().await);
}

#[tokio::test]
async fn what_breaks_off_ends_as_an_error_and_keeps_what_came() {
    let service = chat().await;
    let admin = service.admin();
    let (partner, id) = slow(&service, &admin).await;
    let half = "data: {\"text\":\"Half of \"}\n\nevent: error\ndata: {}\n\n";
    partner.reply_next(Reply::status(200).header("content-type", "text/event-stream").body(half));
    let events = say_streamed(&admin, &id, "All of it, please").await.all().await;
    let end = events.last().unwrap();
    assert_eq!((text(&events).as_str(), end.event.as_str()), ("Half of ", "error"));
    assert_eq!((&end.data["code"], &end.data["partial"]), (&json!("chat.persona_failed"), &json!(true)));
    let conversation = events[0].data["conversationId"].as_str().unwrap();
    let stored = admin.get(&format!("{CONVERSATIONS}/{conversation}/messages")).await.expect(200).json;
    let message = &stored["data"][0];
    assert_eq!((&message["state"], &message["content"]), (&json!("FAILED"), &json!("Half of ")));
    assert_eq!(message["errorCode"], "chat.persona_failed");
}

#[tokio::test]
async fn an_end_of_the_process_ends_its_answers() {
    let mut service = chat().await;
    let admin = service.admin();
    let (partner, id) = slow(&service, &admin).await;
    partner.reply_next(Reply::json(&json!({ "answer": "too late" })).after(Duration::from_secs(60)));
    let mut stream = say_streamed(&admin, &id, "Are you there?").await;
    let start = stream.next().await.unwrap();
    assert!(service.halt().await);
    service.resume().await.unwrap();
    let admin = service.person(admin.user.unwrap(), None).in_workspace(service.workspace);
    let events = follow(&admin, start.data["conversationId"].as_str().unwrap(), Some(&start.id)).await;
    assert_eq!(events[0].data["code"], "chat.interrupted");
}

#[tokio::test]
async fn the_answer_of_a_process_that_died_is_ended_by_another() {
    let service = chat().await;
    let admin = service.admin();
    let (partner, id) = slow(&service, &admin).await;
    partner.reply_next(Reply::json(&json!({ "answer": "too late" })).after(Duration::from_secs(60)));
    let mut stream = say_streamed(&admin, &id, "Are you there?").await;
    let start = stream.next().await.unwrap();
    let conversation = start.data["conversationId"].as_str().unwrap();
    // As a process that was killed long ago would have left it; the writer that is alive must fall silent.
    let database = service.database().superuser().await.unwrap();
    eventually("the sweeper ends it", async || {
        database
            .execute("UPDATE chat.live_streams SET beat_at = now() - interval '5 minutes'", &[])
            .await
            .unwrap();
        let stored = admin.get(&format!("{CONVERSATIONS}/{conversation}/messages")).await.expect(200).json;
        stored["data"][0]["state"] == "FAILED"
    })
    .await;
    let events = follow(&admin, conversation, Some(&start.id)).await;
    assert_eq!((events.len(), events[0].data["code"].as_str()), (1, Some("chat.interrupted")));
}
