//! What was said, and who sees it.

use serde_json::{Value, json};
use witan_events::contracts::chat::v1::{ConversationCreated, MessageCreated};
use witan_testkit::Client;

use crate::{CONVERSATIONS, ask, chat, persona, platform_persona, say};

async fn titles(person: &Client, query: &str) -> Vec<String> {
    let page = person.get(&format!("{CONVERSATIONS}{query}")).await.expect(200).json;
    page["data"].as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap().to_owned()).collect()
}

fn path(answer: &Value) -> String {
    format!("{CONVERSATIONS}/{}", answer["conversationId"].as_str().unwrap())
}

#[tokio::test]
async fn a_question_and_its_answer_are_stored_and_told_of() {
    let service = chat().await;
    let member = service.member();
    let mut published = service.events().await;
    let persona = platform_persona(&member).await;
    let answer = say(&member, &persona, "What would make you sign?\nBe honest.").await;
    let message = &answer["message"];
    assert_eq!((message["role"].as_str(), message["state"].as_str()), (Some("ASSISTANT"), Some("COMPLETE")));
    assert!(!message["content"].as_str().unwrap().is_empty());
    assert!(message["usage"]["outputTokens"].as_i64().unwrap() > 0 && message["model"].is_string());

    let conversation = member.get(&path(&answer)).await.expect(200).json;
    assert_eq!(
        (&conversation["title"], &conversation["visibility"]),
        (&json!("What would make you sign?"), &json!("PRIVATE"))
    );
    assert_eq!(
        (&conversation["personaId"], &conversation["ownerId"]),
        (&json!(persona), &json!(member.user.unwrap()))
    );
    let said = member.get(&format!("{}/messages", path(&answer))).await.expect(200).json;
    let said = said["data"].as_array().unwrap();
    assert_eq!((said.len(), &said[0], said[1]["role"].as_str()), (2, message, Some("USER")));
    assert_eq!((&said[1]["id"], &said[1]["authorId"]), (&answer["questionId"], &json!(member.user.unwrap())));

    let (_, created) = published.next::<ConversationCreated>().await;
    assert_eq!(
        (json!(created.conversation_id), json!(created.persona_id)),
        (answer["conversationId"].clone(), json!(persona))
    );
    let roles = [published.next::<MessageCreated>().await.1, published.next::<MessageCreated>().await.1];
    assert_eq!((roles[0].role.as_str(), json!(roles[0].message_id)), ("user", answer["questionId"].clone()));
    assert_eq!((roles[1].role.as_str(), json!(roles[1].message_id)), ("assistant", message["id"].clone()));
}

#[tokio::test]
async fn a_conversation_goes_on_with_the_same_persona_only() {
    let service = chat().await;
    let (admin, member) = (service.admin(), service.member());
    let platform = platform_persona(&member).await;
    let answer = say(&member, &platform, "One").await;
    let on = json!({ "message": "Two", "conversationId": answer["conversationId"] });
    let second = member.post(&ask(&platform), &on).await.expect(200).json;
    assert_eq!(second["conversationId"], answer["conversationId"]);
    let said = member.get(&format!("{}/messages?limit=3", path(&answer))).await.expect(200);
    assert_eq!(said.json["data"].as_array().unwrap().len(), 3);
    let rest = format!("{}/messages?limit=3&cursor={}", path(&answer), said.text_at("/nextCursor"));
    assert_eq!(member.get(&rest).await.expect(200).text_at("/data/0/content"), "One");
    let own = persona(&admin, "Own", json!({ "kind": "MODEL" })).await;
    member.post(&ask(own["id"].as_str().unwrap()), &on).await.expect_problem(404, "resource.not_found");
}

#[tokio::test]
async fn private_is_private_and_shared_is_read_by_all_and_changed_by_one() {
    let service = chat().await;
    let (owner, colleague) = (service.member(), service.member());
    let persona = platform_persona(&owner).await;
    let answer = say(&owner, &persona, "A secret plan").await;
    let conversation = path(&answer);
    let on = json!({ "message": "And?", "conversationId": answer["conversationId"] });
    for hidden in ["", "/messages", "/stream"] {
        colleague.get(&format!("{conversation}{hidden}")).await.expect_problem(404, "resource.not_found");
    }
    colleague.patch(&conversation, json!({ "title": "x" })).await.expect_problem(404, "resource.not_found");
    colleague.post(&ask(&persona), &on).await.expect_problem(404, "resource.not_found");
    assert!(titles(&colleague, "").await.is_empty());

    owner.patch(&conversation, json!({ "visibility": "SHARED", "title": "Our plan" })).await.expect(200);
    assert_eq!(titles(&colleague, "").await, ["Our plan"]);
    colleague.get(&format!("{conversation}/messages")).await.expect(200);
    colleague
        .patch(&conversation, json!({ "title": "x" }))
        .await
        .expect_problem(403, "access.permission_denied");
    colleague.delete(&conversation).await.expect_problem(403, "access.permission_denied");
    service.other_workspace().get(&conversation).await.expect_problem(404, "resource.not_found");
    owner.delete(&conversation).await.expect(204);
    owner.get(&conversation).await.expect_problem(404, "resource.not_found");
}

#[tokio::test]
async fn conversations_are_searched_and_archived() {
    let service = chat().await;
    let member = service.member();
    let persona = platform_persona(&member).await;
    let first = say(&member, &persona, "Pricing in Austria").await;
    say(&member, &persona, "Hiring a designer").await;
    assert_eq!(titles(&member, "").await, ["Hiring a designer", "Pricing in Austria"]);
    assert_eq!(titles(&member, "?search=austria").await, ["Pricing in Austria"]);
    assert!(titles(&member, "?search=%25").await.is_empty());
    assert_eq!(titles(&member, &format!("?personaId={persona}")).await.len(), 2);
    member.patch(&path(&first), json!({ "archived": true })).await.expect(200);
    assert_eq!(titles(&member, "").await, ["Hiring a designer"]);
    assert_eq!(titles(&member, "?archived=true").await, ["Pricing in Austria"]);
    member
        .patch(&path(&first), json!({ "archived": false, "title": "" }))
        .await
        .expect_problem(422, "validation.failed");
}

#[tokio::test]
async fn over_the_plans_limit_is_402_and_nothing_is_written() {
    let service = chat().await;
    let member = service.member();
    let persona = platform_persona(&member).await;
    let limits = json!({ "plan": "free", "features": [], "limits": [
        { "metric": "messages", "limit": 200, "used": 200, "resetsAt": "2099-01-01T00:00:00Z" }] });
    service.peers().entitle(service.workspace, limits);
    let refused = member.post(&ask(&persona), json!({ "message": "hi" })).await;
    refused.expect_problem(402, "billing.limit_reached");
    assert!(titles(&member, "").await.is_empty());
}

#[tokio::test]
async fn a_burst_gets_no_more_than_the_plan_has_left() {
    let service = chat().await;
    let member = service.member();
    let persona = platform_persona(&member).await;
    let limits = json!({ "plan": "free", "features": [], "limits": [
        { "metric": "messages", "limit": 200, "used": 197, "resetsAt": "2099-01-01T00:00:00Z" }] });
    service.peers().entitle(service.workspace, limits);
    let path = ask(&persona);
    let burst = (0..8).map(|n| member.post(&path, json!({ "message": format!("Question {n}") })));
    let answers = futures_util::future::join_all(burst).await;
    let (answered, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((answered.len(), refused.len()), (3, 5));
    for refused in refused {
        refused.expect_problem(402, "billing.limit_reached");
    }
    assert_eq!(titles(&member, "").await.len(), 3);
}

#[tokio::test]
async fn a_message_that_is_not_written_takes_nothing_of_the_plan() {
    let service = chat().await;
    let member = service.member();
    let persona = platform_persona(&member).await;
    let unknown = witan_ids::ConversationId::generate(service.clock());
    let body = json!({ "message": "hi", "conversationId": unknown });
    member.post(&ask(&persona), body).await.expect_problem(404, "resource.not_found");
    assert_eq!(service.peers().reserved(service.workspace, "messages"), 0);
}

#[tokio::test]
async fn a_persona_is_asked_so_often_and_no_more() {
    let service =
        witan_testkit::TestService::<witan_chat::Chat>::start_with(|b| b.env("CHAT_PERSONA_RATE", "2")).await;
    let member = service.member();
    let persona = platform_persona(&member).await;
    say(&member, &persona, "One").await;
    say(&member, &persona, "Two").await;
    let refused = member.post(&ask(&persona), json!({ "message": "Three" })).await;
    let refused = refused.expect_problem(429, "chat.persona_busy");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    say(&service.other_workspace(), &persona, "Another workspace").await;
}
