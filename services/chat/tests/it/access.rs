//! Who may do what, for every operation there is.

use serde_json::json;
use witan_chat::Chat;
use witan_host::Service as _;
use witan_testkit::Client;
use witan_web::Access;

use crate::{chat, persona, say};

/// Asks every operation with real ids of another workspace, or with none.
async fn ask_all(person: &Client, persona: &str, conversation: &str) -> Vec<(String, u16)> {
    let mut answers = Vec::new();
    for route in Chat::routes().iter().filter(|route| route.access() != Access::Public) {
        let path = route.path().replace("{personaId}", persona).replace("{conversationId}", conversation);
        let request = person.request(route.method().as_str().parse().unwrap(), &path);
        let body = match route.operation_id() {
            "chatWithPersona" => json!({ "message": "hi" }),
            "createPersona" => json!({ "name": "n", "role": "r", "backend": { "kind": "MODEL" } }),
            _ => json!({}),
        };
        let bare = route.method() == "GET" || route.method() == "DELETE";
        let answer = person.send(if bare { request } else { request.json(&body) }).await;
        answers.push((format!("{} {}", route.method(), route.path()), answer.status.as_u16()));
    }
    answers
}

#[tokio::test]
async fn nobody_gets_in_and_strangers_find_nothing() {
    let service = chat().await;
    let admin = service.admin();
    let made = persona(&admin, "Own", json!({ "kind": "MODEL" })).await;
    let persona = made["id"].as_str().unwrap();
    let answer = say(&admin, persona, "Hello").await;
    let conversation = answer["conversationId"].as_str().unwrap();
    for (operation, status) in ask_all(&service.anon(), persona, conversation).await {
        assert_eq!(status, 401, "{operation}");
    }
    for (operation, status) in ask_all(&service.other_workspace(), persona, conversation).await {
        let expected = if operation.contains('{') {
            404
        } else if operation == "POST /api/v1/personas" {
            201
        } else if operation.starts_with("DELETE") {
            204
        } else {
            200
        };
        assert_eq!(status, expected, "{operation}");
    }
    let member = service.member();
    for shaping in ["PATCH", "DELETE"] {
        let request = member.request(shaping.parse().unwrap(), &format!("{}/{persona}", crate::PERSONAS));
        member.send(request.json(&json!({}))).await.expect_problem(403, "access.permission_denied");
    }
    admin.get(&format!("{}/{persona}", crate::PERSONAS)).await.expect(200);
}

#[test]
fn the_document_has_no_mistakes() {
    assert_eq!(Chat::routes().mistakes(), Vec::<String>::new());
}
