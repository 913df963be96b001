//! Personas that are answered by a webhook, and by the council.

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use witan_testkit::{Client, Reply, Sink, TestService, sink};

use crate::{ask, chat, persona, say, say_streamed};

async fn relayed(admin: &Client, partner: &Sink) -> Value {
    persona(admin, "Relayed", json!({ "kind": "WEBHOOK", "url": partner.url("/hook") })).await
}

#[tokio::test]
async fn the_webhook_gets_a_signed_message_and_its_answer_is_the_personas() {
    let (service, partner) = (chat().await, sink().await);
    let admin = service.admin();
    let made = relayed(&admin, &partner).await;
    let id = made["id"].as_str().unwrap();
    partner.reply_always(Reply::json(&json!({ "answer": "We sign on Friday." })));
    let answer = say(&admin, id, "When?").await;
    assert_eq!(answer["message"]["content"], "We sign on Friday.");

    let received = &partner.received()[0];
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name.parse::<http::HeaderName>().unwrap(), received.header(name).parse().unwrap()));
    let verifier = Webhook::new(made["secret"].as_str().unwrap()).unwrap();
    verifier.verify(&received.body, &http::HeaderMap::from_iter(headers)).unwrap();
    let body = received.json();
    assert_eq!(
        (&body["message"], &body["id"], &body["history"]),
        (&json!("When?"), &answer["message"]["id"], &json!([]))
    );
    assert_eq!(received.header("idempotency-key"), answer["message"]["id"].as_str().unwrap());

    let on = json!({ "message": "Sure?", "conversationId": answer["conversationId"] });
    admin.post(&ask(id), on).await.expect(200);
    let history = partner.received()[1].json()["history"].clone();
    assert_eq!(
        history,
        json!([{ "role": "user", "content": "When?" },
        { "role": "assistant", "content": "We sign on Friday." }])
    );
}

#[tokio::test]
async fn failures_are_tried_again_with_one_key_and_then_told() {
    let (service, partner) = (chat().await, sink().await);
    let admin = service.admin();
    let id = relayed(&admin, &partner).await["id"].as_str().unwrap().to_owned();
    partner.reply_next(Reply::status(503));
    partner.reply_next(Reply::status(429));
    partner.reply_next(Reply::status(200).header("content-type", "text/plain").body("At last."));
    assert_eq!(say(&admin, &id, "Hello?").await["message"]["content"], "At last.");
    let keys: Vec<String> =
        partner.received().iter().map(|r| r.header("idempotency-key").to_owned()).collect();
    assert_eq!((keys.len(), &keys[0], &keys[1]), (3, &keys[1], &keys[2]));

    // What the workflow refuses is not tried again.
    partner.reply_next(Reply::status(404));
    let refused = admin.post(&ask(&id), json!({ "message": "Hello?" })).await;
    refused.expect_problem(502, "chat.persona_failed");
    assert_eq!(partner.received().len(), 4);
    partner.reply_next(Reply::json(&json!({ "status": "ok" })));
    admin.post(&ask(&id), json!({ "message": "x" })).await.expect_problem(502, "chat.persona_failed");
}

#[tokio::test]
async fn five_failures_give_the_persona_a_rest() {
    let (service, partner) = (chat().await, sink().await);
    let admin = service.admin();
    let id = relayed(&admin, &partner).await["id"].as_str().unwrap().to_owned();
    partner.reply_always(Reply::status(400));
    for _ in 0..5 {
        admin.post(&ask(&id), json!({ "message": "x" })).await.expect_problem(502, "chat.persona_failed");
    }
    let rest = admin.post(&ask(&id), json!({ "message": "x" })).await;
    let rest = rest.expect_problem(503, "chat.persona_suspended");
    assert!((1..=300).contains(&rest.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(partner.received().len(), 5);
}

#[tokio::test]
async fn streams_of_every_form_are_handed_on() {
    let (service, partner) = (chat().await, sink().await);
    let admin = service.admin();
    let id = relayed(&admin, &partner).await["id"].as_str().unwrap().to_owned();
    let n8n = "{\"type\":\"begin\"}\n{\"type\":\"item\",\"content\":\"Grüß \"}\n{\"type\":\"item\",\"content\":\"Gott\"}\n{\"type\":\"end\"}\n";
    let openai = "data: {\"choices\":[{\"delta\":{\"content\":\"Grüß \"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Gott\"}}]}\n\ndata: [DONE]\n\n";
    for (kind, body) in
        [("application/json", n8n), ("text/event-stream", openai), ("text/plain", "Grüß Gott")]
    {
        partner.reply_next(Reply::status(200).header("content-type", kind).body(body));
        let events = say_streamed(&admin, &id, "Hallo").await.all().await;
        assert_eq!(
            (events[0].event.as_str(), events.last().unwrap().event.as_str()),
            ("start", "done"),
            "{kind}"
        );
        let deltas = events.iter().filter(|event| event.event == "delta");
        let text: String = deltas.map(|event| event.data["text"].as_str().unwrap()).collect();
        assert_eq!(text, "Grüß Gott", "{kind}");
    }
}

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_called_too() {
    let partner = sink().await;
    let mut service = chat().await;
    let admin = service.admin();
    let id = relayed(&admin, &partner).await["id"].as_str().unwrap().to_owned();
    assert!(service.halt().await);
    service.set_env("EGRESS_ALLOW_PRIVATE", "false");
    service.resume().await.unwrap();
    let admin = service.person(admin.user.unwrap(), None).in_workspace(service.workspace);
    admin.post(&ask(&id), json!({ "message": "x" })).await.expect_problem(502, "chat.persona_unreachable");
    assert!(partner.received().is_empty());
}

#[tokio::test]
async fn the_council_answers_for_a_persona() {
    let service: TestService<witan_chat::Chat> = chat().await;
    let admin = service.admin();
    let made = persona(&admin, "Board", json!({ "kind": "COUNCIL", "agent": "finance" })).await;
    let id = made["id"].as_str().unwrap();
    let run =
        json!({ "id": "run_01k0cabmfgek0v7s0c0x0k4m3e", "answer": "Extend the runway.", "degraded": false });
    service.peers().answer("POST", "/internal/runs", 200, run);
    assert_eq!(say(&admin, id, "What first?").await["message"]["content"], "Extend the runway.");
    let asked = service.peers().asked();
    let question = &asked.iter().find(|asked| asked.request == "POST /internal/runs").unwrap().body;
    assert_eq!((&question["agent"], &question["prompt"]), (&json!("finance"), &json!("What first?")));

    let problem = json!({ "code": "billing.limit_reached", "status": 402 });
    service.peers().answer("POST", "/internal/runs", 402, problem);
    admin.post(&ask(id), json!({ "message": "And then?" })).await.expect_problem(402, "chat.budget_reached");
}
