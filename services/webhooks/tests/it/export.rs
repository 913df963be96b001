//! What a person is told of what is held of them.

use serde_json::{Value, json};
use witan_events::contracts::tenancy::v1::MemberAdded;
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{TestService, eventually};
use witan_webhooks::Webhooks;

use crate::{endpoint, webhooks};

async fn told(service: &TestService<Webhooks>, user: UserId) -> Vec<Value> {
    let answer = service.internal("auth").get(&format!("/internal/users/{user}/held")).await.expect(200);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn added(service: &TestService<Webhooks>, workspace: WorkspaceId, user: UserId) {
    let event = MemberAdded {
        workspace_id: workspace.to_string(),
        user_id: user.to_string(),
        role: "MEMBER".to_owned(),
        status: "ACTIVE".to_owned(),
    };
    service.tell(Some(workspace), &event.workspace_id, &event).await;
}

async fn until(service: &TestService<Webhooks>, rows: i64) {
    let database = service.database().superuser().await.unwrap();
    eventually("the messages", async || {
        let count = database.query_one("SELECT count(*) FROM webhooks.messages", &[]).await.unwrap();
        count.get::<_, i64>(0) == rows
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_that_name_them_and_where_they_went_in_every_workspace() {
    let service = webhooks().await;
    let (ada, other) = (service.admin(), service.other_workspace());
    let (user, bob) = (UserId::generate(service.clock()), UserId::generate(service.clock()));
    for person in [&ada, &other] {
        endpoint(person, "https://partner.example/hook?key=sealed", &["member.added"]).await;
        for member in [user, bob] {
            added(&service, person.workspace(), member).await;
        }
    }
    until(&service, 4).await;
    // An event that names both.
    let rename = format!(
        "UPDATE webhooks.messages SET body = convert_to(replace(convert_from(body, 'UTF8'), '\"data\":{{',
             '\"data\":{{\"by\":\"{bob}\",'), 'UTF8')
         WHERE strpos(convert_from(body, 'UTF8'), '{user}') > 0"
    );
    service.database().superuser().await.unwrap().batch_execute(&rename).await.unwrap();

    let told = told(&service, user).await;
    let mut places: Vec<_> =
        told.iter().map(|line| line["workspaceId"].as_str().unwrap().to_owned()).collect();
    places.sort();
    let mut expected = [ada.workspace().to_string(), other.workspace().to_string()];
    expected.sort();
    assert_eq!(places, expected);
    for message in &told {
        assert_eq!(
            (&message["kind"], &message["eventType"]),
            (&json!("webhookMessage"), &json!("member.added"))
        );
        assert_eq!(message["body"]["data"]["userId"], user.to_string());
        assert_eq!(message["body"]["data"].get("by"), Some(&Value::Null), "{message}");
        assert_eq!(message["deliveries"].as_array().unwrap().len(), 1);
        assert!(message["deliveries"][0]["endpointId"].as_str().unwrap().starts_with("whe_"));
    }
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains(&bob.to_string()) && !text.contains("sealed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_told_whole_and_only_to_services() {
    let service = webhooks().await;
    let user = UserId::generate(service.clock());
    let fill = format!(
        "INSERT INTO webhooks.messages SELECT '{}', gen_random_uuid(), 'member.added', 'x',
             convert_to('{{\"n\":' || n || ',\"userId\":\"{user}\"}}', 'UTF8'), now(), now()
         FROM generate_series(1, 200) n",
        service.workspace.uuid()
    );
    service.database().superuser().await.unwrap().batch_execute(&fill).await.unwrap();
    let told = told(&service, user).await;
    let mut numbers: Vec<_> = told.iter().map(|line| line["body"]["n"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    let path = format!("/internal/users/{user}/held");
    service.internal_anon().get(&path).await.expect(401);
    service.admin().get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_that_holds_people_is_forgotten() {
    let service = webhooks().await;
    let database = service.database().superuser().await.unwrap();
    let columns =
        "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'webhooks'
        AND table_name !~ '_([0-9]{8}|default)$'
        AND (column_name ~ '(^|_)(user|owner|author|email)(_|$)' OR column_name ~ '_by$') ORDER BY 1";
    let found: Vec<String> =
        database.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(found, ["mentions"], "what `jobs::held` removes and `disclosure` tells");
}
