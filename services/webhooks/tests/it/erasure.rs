//! What is left of a person who left.

use serde_json::json;
use witan_events::contracts::auth::v1::UserErasureRequested;
use witan_events::contracts::tenancy::v1::MemberAdded;
use witan_ids::UserId;
use witan_testkit::{eventually, sink};

use crate::{endpoint, webhooks};

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_name_them_go_with_their_deliveries() {
    let service = webhooks().await;
    let mut events = service.events().await;
    let ada = service.admin();
    let partner = sink().await;
    endpoint(&ada, &partner.url("/hook"), &["member.added"]).await;
    let (user, other) = (UserId::generate(service.clock()), UserId::generate(service.clock()));
    for member in [user, other] {
        let workspace = ada.workspace();
        let event = MemberAdded {
            workspace_id: workspace.to_string(),
            user_id: member.to_string(),
            role: "MEMBER".to_owned(),
            status: "ACTIVE".to_owned(),
        };
        service.tell(Some(workspace), &event.workspace_id, &event).await;
    }
    let database = service.database().superuser().await.unwrap();
    let count = async |rows: &str| {
        let query = format!("SELECT count(*) FROM webhooks.{rows}");
        database.query_one(&query, &[]).await.unwrap().get::<_, i64>(0)
    };
    eventually("both are sent", async || count("attempts").await == 2).await;
    let event = UserErasureRequested { user_id: user.to_string() };
    for rows in ["1", "0"] {
        service.tell(None, &event.user_id, &event).await;
        let report = events.next_of("user.erased").await.data;
        assert_eq!(report, json!({"userId": user, "service": "webhooks", "rows": rows}));
        assert_eq!(
            count(&format!("messages WHERE strpos(convert_from(body, 'UTF8'), '{user}') > 0")).await,
            0
        );
        assert_eq!(count(&format!("mentions WHERE user_name = '{user}'")).await, 0);
        let left = (count("messages").await, count("deliveries").await, count("attempts").await);
        assert_eq!(left, (1, 1, 1));
        assert_eq!(count(&format!("mentions WHERE user_name = '{other}'")).await, 1);
    }
}
