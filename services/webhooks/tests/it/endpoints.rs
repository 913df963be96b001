//! Endpoints: made, read, changed, deleted.

use serde_json::{Value, json};
use witan_testkit::TestService;
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, endpoint, webhooks};

const URL: &str = "http://127.0.0.1:8080/hook/s3cret-path";

#[tokio::test]
async fn the_secret_is_shown_once_and_nothing_secret_is_stored_in_clear() {
    let service = webhooks().await;
    let admin = service.admin();
    let body = json!({ "url": URL, "events": ["*"], "headers": { "X-Api-Key": "k3y-of-the-partner" } });
    let made = admin.post(ENDPOINTS, body).await.expect(201);
    let secret = made.text_at("/secret");
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(made.json["headerNames"], json!(["X-Api-Key"]));
    assert_eq!(made.header("location"), format!("{ENDPOINTS}/{}", made.text_at("/id")));

    let read = admin.get(made.header("location")).await.expect(200);
    assert_eq!((read.json["url"].as_str(), read.json.get("secret")), (Some(URL), None));
    assert!(!read.text.contains("k3y-of-the-partner"));

    let stored = service.database().superuser().await.unwrap();
    let rows = stored
        .query("SELECT e::text || s::text FROM webhooks.endpoints e, webhooks.endpoint_secrets s", &[])
        .await
        .unwrap();
    let row: String = rows[0].get(0);
    let bare = secret.trim_start_matches("whsec_");
    for clear in ["s3cret-path", "k3y-of-the-partner", bare] {
        assert!(!row.contains(clear) && !row.contains(&hex(clear)), "{clear} is in the row");
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once() {
    let service = webhooks().await;
    let body = json!({
        "url": "ftp://partner.example/", "events": ["startup.*", "a..b", "no.such.event"],
        "headers": { "Host": "evil.example", "webhook-id": "1", "X-Fine": "yes" },
    });
    let refused = service.admin().post(ENDPOINTS, body).await.expect_problem(422, "validation.failed");
    let mut pointers: Vec<&str> = refused.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|error| error["pointer"].as_str())
        .collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/events/1", "/events/2", "/headers/Host", "/headers/webhook-id", "/url"]);

    let unknown = json!({ "url": URL, "events": [], "secret": "mine" });
    let refused = service.admin().post(ENDPOINTS, unknown).await.expect_problem(422, "validation.failed");
    assert_eq!(refused.json["errors"].as_array().unwrap().len(), 2, "{}", refused.text);
}

#[tokio::test]
async fn private_addresses_are_refused_when_saved_unless_development_allows_them() {
    let service =
        TestService::<Webhooks>::start_with(|builder| builder.env("EGRESS_ALLOW_PRIVATE", "false")).await;
    let admin = service.admin();
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest",
        "http://metadata.google.internal/",
    ] {
        let refused = admin.post(ENDPOINTS, json!({ "url": url, "events": ["*"] })).await.expect(422);
        let error = &refused.json["errors"][0];
        assert_eq!(
            (&error["code"], &error["detail"]),
            (&json!("validation.blocked_address"), &json!("blocked address"))
        );
    }
    let made =
        admin.post(ENDPOINTS, json!({ "url": "https://93.184.215.14/", "events": ["*"] })).await.expect(201);
    let path = format!("{ENDPOINTS}/{}", made.text_at("/id"));
    admin.patch(&path, json!({ "url": "http://10.0.0.1/" })).await.expect_problem(422, "validation.failed");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_merges_headers() {
    let service = webhooks().await;
    let admin = service.admin();
    let body = json!({ "url": URL, "events": ["*"], "headers": { "X-One": "1", "X-Two": "2" } });
    let made = admin.post(ENDPOINTS, body).await.expect(201);
    let path = made.header("location");
    let patch = json!({ "events": ["agent.*", "agent.*"], "headers": { "x-one": null, "X-Three": "3" } });
    let changed = admin.patch(path, patch).await.expect(200).json;
    assert_eq!(changed["events"], json!(["agent.*"]));
    assert_eq!(changed["headerNames"], json!(["X-Three", "X-Two"]));
    assert_eq!((changed["url"].as_str(), changed["state"].as_str()), (Some(URL), Some("ENABLED")));
    assert_eq!(admin.patch(path, json!({ "paused": true })).await.expect(200).json["state"], "PAUSED");

    admin.delete(path).await.expect(204);
    admin.get(path).await.expect_problem(404, "resource.not_found");
    admin.delete(path).await.expect_problem(404, "resource.not_found");
}

#[tokio::test]
async fn pages_go_from_new_to_old_and_a_workspace_has_a_limit() {
    let service =
        TestService::<Webhooks>::start_with(|builder| builder.env("WEBHOOKS_MAX_ENDPOINTS", "3")).await;
    let admin = service.admin();
    let mut made: Vec<Value> = Vec::new();
    for _ in 0..3 {
        made.push(endpoint(&admin, URL, &["*"]).await["id"].clone());
    }
    let one_more = json!({ "url": URL, "events": ["*"] });
    admin.post(ENDPOINTS, one_more).await.expect_problem(409, "webhooks.endpoint_limit");

    let first = admin.get(&format!("{ENDPOINTS}?limit=2")).await.expect(200);
    let ids =
        |page: &Value| page["data"].as_array().unwrap().iter().map(|e| e["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first.json), [made[2].clone(), made[1].clone()]);
    let next = format!("{ENDPOINTS}?limit=2&cursor={}", first.text_at("/nextCursor"));
    let second = admin.get(&next).await.expect(200);
    assert_eq!((ids(&second.json), &second.json["nextCursor"]), (vec![made[0].clone()], &Value::Null));
    // Somebody else's list, somebody else's cursor.
    service.other_workspace().get(&next).await.expect_problem(400, "request.cursor_invalid");
}
