//! What is held of a workspace: told for its export, and gone with it.

use serde_json::{Value, json};

use crate::traits::Sender;
use crate::{chat, persona, platform_persona, say};

fn of<'a>(told: &'a [Value], kind: &str) -> Vec<&'a Value> {
    told.iter().filter(|line| line["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_told_without_secrets_and_everything_goes() {
    let service = chat().await;
    let (admin, member, other) = (service.admin(), service.member(), service.other_workspace());
    let backend = json!({ "kind": "WEBHOOK", "url": "https://hooks.example/hook?key=sesame" });
    let own = persona(&admin, "Maren", backend).await;
    let platform = platform_persona(&member).await;
    say(&member, &platform, "Mine alone").await;
    say(&admin, &platform, "The admin's").await;
    say(&other, &platform, "Of others").await;
    let (here, there) = (service.workspace, other.workspace());
    let sender = Sender::new(&service, &admin).await;
    sender.send("evt-1", json!({ "name": "Maren", "about": "Careful" })).await.expect(202);
    let filled = [
        "conversations",
        "inbound_receipts",
        "keyed_workspaces",
        "messages",
        "personas",
        "places",
        "stream_events",
        "trait_secrets",
    ];
    assert_eq!(service.kept_of(here).await, filled);

    let told = service.told_of(here).await;
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!((of(&told, "conversation").len(), of(&told, "message").len()), (2, 4));
    assert!(text.contains("Mine alone") && !text.contains("Of others") && !text.contains("sesame"));
    assert_eq!(of(&told, "persona")[0]["name"], "Maren");
    assert_eq!(of(&told, "receivedTraits")[0]["body"], r#"{"about":"Careful","name":"Maren"}"#);
    for secret in [own["secret"].as_str().unwrap(), &sender.secret] {
        assert!(!text.contains(secret));
    }

    let report = service.purge(here).await;
    assert_eq!((&report["workspaceId"], &report["service"]), (&json!(here), &json!("chat")));
    assert!(report["rows"].as_str().unwrap().parse::<i64>().unwrap() >= 10);
    assert!(service.kept_of(here).await.is_empty() && service.told_of(here).await.is_empty());
    assert_eq!(service.purge(here).await["rows"], "0");
    assert_eq!(service.told_of(there).await.len(), 3);
    assert_eq!(
        service.kept().await,
        [
            "conversations",
            "inbound_receipts",
            "keyed_workspaces",
            "live_streams",
            "messages",
            "personas",
            "places",
            "projects",
            "stream_events",
            "trait_secrets",
        ],
        "what `jobs::held` removes and `disclosure::workspace` tells"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_are_told() {
    let service = chat().await;
    let path = format!("/internal/workspaces/{}/held", service.workspace);
    service.internal_anon().get(&path).await.expect(401);
    service.admin().get(&path).await.expect(404);
    service.internal("tenancy").get("/internal/workspaces/none/held").await.expect(404);
}
