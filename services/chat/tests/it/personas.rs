//! Whom one can talk with.

use serde_json::{Value, json};
use witan_chat::Chat;
use witan_testkit::TestService;

use crate::{PERSONAS, chat, persona, platform_persona};

const URL: &str = "http://127.0.0.1:5678/webhook/s3cret-path";

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().filter_map(|persona| persona["name"].as_str()).collect()
}

#[tokio::test]
async fn the_catalogue_has_careful_people_in_it() {
    let service = chat().await;
    let page = service.member().get(PERSONAS).await.expect(200).json;
    assert!(names(&page).len() >= 6);
    for persona in page["data"].as_array().unwrap() {
        assert_eq!(persona["scope"], "PLATFORM");
        for text in ["name", "role", "about", "style"] {
            assert!(!persona[text].as_str().unwrap().is_empty(), "{text} of {persona}");
        }
        for list in ["traits", "expertise", "painPoints", "responsibilities"] {
            assert!(persona[list].as_array().unwrap().len() >= 3, "{list} of {persona}");
        }
    }
}

#[tokio::test]
async fn own_personas_come_first_and_are_found_by_what_they_are() {
    let service = chat().await;
    let admin = service.admin();
    persona(&admin, "100% ours_", json!({ "kind": "MODEL" })).await;
    let listed = async |query: &str| admin.get(&format!("{PERSONAS}?{query}")).await.expect(200).json;
    assert_eq!(names(&listed("limit=1").await), ["100% ours_"]);
    assert_eq!(names(&listed("scope=WORKSPACE").await), ["100% ours_"]);
    assert!(!names(&listed("scope=PLATFORM").await).contains(&"100% ours_"));
    assert_eq!(names(&listed("search=100%25").await), ["100% ours_"]);
    assert_eq!(names(&listed("search=100x").await), Vec::<&str>::new());
    assert_eq!(names(&listed("search=SEED%20investor").await), ["Ines Carvalho"]);
    assert_eq!(names(&listed("expertise=vendor%20risk").await), ["Rajiv Menon"]);

    // All of them once, over any number of pages.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = listed(&format!("limit=4{cursor}")).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 9);
    seen.dedup();
    assert_eq!(seen.len(), 9);
    assert!(names(&service.other_workspace().get(PERSONAS).await.expect(200).json).len() == 8);
}

#[tokio::test]
async fn a_webhooks_address_and_secret_are_kept_to_ourselves() {
    let service = chat().await;
    let admin = service.admin();
    let made = persona(&admin, "Own", json!({ "kind": "WEBHOOK", "url": URL })).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"));
    assert_eq!(made["backend"]["urlHost"], "127.0.0.1");
    let read = admin.get(&format!("{PERSONAS}/{}", made["id"].as_str().unwrap())).await.expect(200);
    assert!(!read.text.contains("s3cret-path") && !read.text.contains("whsec_"));
    let stored = service.database().superuser().await.unwrap();
    let row: String = stored.query_one("SELECT p::text FROM chat.personas p", &[]).await.unwrap().get(0);
    let hex: String = "s3cret-path".bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!row.contains("s3cret-path") && !row.contains(&hex));
}

#[tokio::test]
async fn a_backend_is_checked_and_named_where_it_is_wrong() {
    let service =
        TestService::<Chat>::start_with(|builder| builder.env("EGRESS_ALLOW_PRIVATE", "false")).await;
    let admin = service.admin();
    for (backend, pointer, code) in [
        (json!({ "kind": "WEBHOOK" }), "/backend/url", "validation.required"),
        (json!({ "kind": "WEBHOOK", "url": URL }), "/backend/url", "validation.blocked_address"),
        (json!({ "kind": "WEBHOOK", "url": "mailto:a@b" }), "/backend/url", "validation.url"),
        (json!({ "kind": "COUNCIL" }), "/backend/agent", "validation.required"),
        (json!({ "kind": "MODEL", "model": "no/such" }), "/backend/model", "validation.unknown"),
        (
            json!({ "kind": "MODEL", "url": "https://a.example/" }),
            "/backend/url",
            "validation.unknown_member",
        ),
    ] {
        let body = json!({ "name": "x", "role": "y", "backend": backend });
        let refused = admin.post(PERSONAS, body).await.expect_problem(422, "validation.failed").json;
        let error = &refused["errors"][0];
        assert_eq!(
            (error["pointer"].as_str(), error["code"].as_str()),
            (Some(pointer), Some(code)),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn personas_are_changed_by_their_workspace_alone() {
    let service = chat().await;
    let admin = service.admin();
    let made = persona(&admin, "Own", json!({ "kind": "WEBHOOK", "url": URL })).await;
    let path = format!("{PERSONAS}/{}", made["id"].as_str().unwrap());
    let changed = admin.patch(&path, json!({ "name": "Renamed", "traits": ["kind"] })).await.expect(200).json;
    assert_eq!(
        (&changed["name"], &changed["traits"], &changed["role"]),
        (&json!("Renamed"), &json!(["kind"]), &json!("CFO"))
    );
    assert_eq!((changed["backend"]["kind"].as_str(), changed.get("secret")), (Some("WEBHOOK"), None));
    let moved = json!({ "backend": { "kind": "WEBHOOK", "url": "http://127.0.0.1:9999/other" } });
    assert_eq!(admin.patch(&path, moved).await.expect(200).json.get("secret"), None, "the secret stays");
    let model = admin.patch(&path, json!({ "backend": { "kind": "MODEL" } })).await.expect(200).json;
    assert_eq!(model["backend"], json!({ "kind": "MODEL", "model": null, "agent": null, "urlHost": null }));
    let back = json!({ "backend": { "kind": "WEBHOOK", "url": URL } });
    assert!(
        admin.patch(&path, back).await.expect(200).json["secret"].is_string(),
        "a new webhook, a new secret"
    );

    persona(&admin, "Other", json!({ "kind": "MODEL" })).await;
    admin.patch(&path, json!({ "name": "Other" })).await.expect_problem(409, "chat.persona_name_taken");
    let twice = json!({ "name": "Other", "role": "r", "backend": { "kind": "MODEL" } });
    admin.post(PERSONAS, twice).await.expect_problem(409, "chat.persona_name_taken");

    let platform = format!("{PERSONAS}/{}", platform_persona(&admin).await);
    admin.patch(&platform, json!({ "name": "Mine" })).await.expect_problem(403, "chat.persona_read_only");
    admin.delete(&platform).await.expect_problem(403, "chat.persona_read_only");
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect_problem(404, "resource.not_found");
}
