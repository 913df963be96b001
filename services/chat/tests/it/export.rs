//! What a person is told of what is held of them.

use serde_json::{Value, json};
use witan_chat::Chat;
use witan_ids::UserId;
use witan_testkit::TestService;

use crate::{CONVERSATIONS, ask, chat, persona, platform_persona, say};

async fn told(service: &TestService<Chat>, user: UserId) -> Vec<Value> {
    let answer = service.internal("auth").get(&format!("/internal/users/{user}/held")).await.expect(200);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(told: &'a [Value], kind: &str) -> Vec<&'a Value> {
    told.iter().filter(|line| line["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_said_and_were_answered_and_made_in_every_workspace() {
    let service = chat().await;
    let (ada, bob) = (service.admin(), service.member());
    let user = ada.user.unwrap();
    let other = service.other_workspace();
    service.peers().admin(user, other.workspace());
    let catalogue = platform_persona(&ada).await;
    let own = say(&ada, &catalogue, "What do you think of Ada?").await;
    say(&ada.clone().in_workspace(other.workspace()), &catalogue, "And over there?").await;
    let theirs = say(&bob, &catalogue, "A secret of Bob").await;
    persona(&ada, "Own", json!({"kind": "MODEL"})).await;
    persona(&service.admin(), "Foreign", json!({"kind": "MODEL"})).await;
    // Bob shares his and Ada says something in it; somebody says something in hers.
    let database = service.database().superuser().await.unwrap();
    let said = |id: &Value, author: UserId, text: &str| {
        let conversation: witan_ids::ConversationId = id["conversationId"].as_str().unwrap().parse().unwrap();
        format!(
            "INSERT INTO chat.messages (workspace_id, id, conversation_id, role, state, content, author_id, created_at)
             VALUES ('{}', gen_random_uuid(), '{}', 'USER', 'COMPLETE', '{text}', '{}', now())",
            service.workspace.uuid(),
            conversation.uuid(),
            author.uuid()
        )
    };
    database.batch_execute(&said(&theirs, user, "Ada at Bob")).await.unwrap();
    database.batch_execute(&said(&own, bob.user.unwrap(), "Bob at Ada")).await.unwrap();

    let told = told(&service, user).await;
    let conversations = of(&told, "conversation");
    let places: Vec<_> = conversations.iter().map(|line| line["workspaceId"].as_str().unwrap()).collect();
    assert_eq!(places.len(), 2);
    assert!(places.contains(&service.workspace.to_string().as_str()));
    assert!(places.contains(&other.workspace().to_string().as_str()));
    let messages = of(&told, "message");
    let spoken = |text: &str| messages.iter().filter(|line| line["content"] == text).count();
    assert_eq!(spoken("What do you think of Ada?"), 1);
    assert_eq!(spoken("And over there?"), 1);
    assert_eq!(spoken("Ada at Bob"), 1);
    assert_eq!(messages.iter().filter(|line| line["role"] == "ASSISTANT").count(), 2);
    assert_eq!(messages.len(), 5);
    let personas = of(&told, "persona");
    assert_eq!((personas.len(), personas[0]["name"].as_str()), (1, Some("Own")));
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains("secret of Bob") && !text.contains("Bob at Ada"));
    assert!(!text.contains(&bob.user.unwrap().to_string()));
    assert_eq!(bob.get(CONVERSATIONS).await.expect(200).json["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_conversations_are_told_whole_and_in_order() {
    let service = chat().await;
    let ada = service.admin();
    let catalogue = platform_persona(&ada).await;
    let answer = ada.post(&ask(&catalogue), json!({"message": "First"})).await.expect(200);
    let conversation: witan_ids::ConversationId = answer.text_at("/conversationId").parse().unwrap();
    let user = ada.user.unwrap();
    let fill = format!(
        "INSERT INTO chat.messages (workspace_id, id, conversation_id, role, state, content, author_id, created_at)
         SELECT '{}', ('ffffffff-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{}', 'USER', 'COMPLETE',
             n::text, '{}', now() FROM generate_series(1, 300) n",
        service.workspace.uuid(),
        conversation.uuid(),
        user.uuid()
    );
    service.database().superuser().await.unwrap().batch_execute(&fill).await.unwrap();
    let told = told(&service, user).await;
    let contents: Vec<_> =
        of(&told, "message")[2..].iter().map(|line| line["content"].as_str().unwrap().to_owned()).collect();
    assert_eq!(contents, (1..=300).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_personas_are_not_told_and_only_services_are() {
    let service = chat().await;
    let ada = service.admin();
    let hook = json!({"kind": "WEBHOOK", "url": "https://hooks.example/path-with-key"});
    let made = persona(&ada, "Hooked", hook).await;
    let user = ada.user.unwrap();
    let told = told(&service, user).await;
    assert_eq!(of(&told, "persona")[0]["backend"]["urlHost"], "hooks.example");
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains("path-with-key") && !text.to_lowercase().contains("secret"), "{made} {text}");
    let path = format!("/internal/users/{user}/held");
    service.internal_anon().get(&path).await.expect(401);
    ada.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_that_holds_people_is_forgotten() {
    let service = chat().await;
    let database = service.database().superuser().await.unwrap();
    let columns =
        "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'chat'
        AND (column_name ~ '(^|_)(user|owner|author|email)(_|$)' OR column_name ~ '_by$') ORDER BY 1";
    let found: Vec<String> =
        database.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(
        found,
        ["conversations", "messages", "personas", "places"],
        "what `jobs::held` removes and `disclosure` tells"
    );
}
