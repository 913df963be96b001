//! One of everything that a workspace can own, and of everything that its ADMIN can.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::{Client, Reply, Sink, eventually, sink};

use crate::harvest::Harvest;
use crate::world::{Person, World};

/// Lists are told in pages, so there are two of each.
const TWO: [&str; 2] = ["First", "Second"];

/// Fills both workspaces; what was answered to the first one's ADMIN and to the second's.
pub(crate) async fn furnish_both(world: &World) -> (Harvest, Harvest) {
    let partner = sink().await;
    partner.reply_always(Reply::json(&json!({ "reply": "Yes." })));
    (furnish(world, &world.ada, &partner).await, furnish(world, &world.grace, &partner).await)
}

async fn furnish(world: &World, owner: &Person, partner: &Sink) -> Harvest {
    let mut harvest = Harvest::default();
    harvest.take(&json!([owner.user, owner.workspace]));
    tenancy(world, owner, &mut harvest).await;
    invite(world, owner).await;
    council(world, owner, &mut harvest).await;
    provider_key(world, owner).await;
    chat(world, owner, partner, &mut harvest).await;
    webhooks(world, owner, partner, &mut harvest).await;
    billing(world, owner).await;
    auth(world, owner, &mut harvest).await;
    harvest
}

async fn make(client: &Client, path: &str, body: Value, harvest: &mut Harvest) -> Value {
    let answer = client.post(path, body).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    harvest.take(&answer.json);
    answer.json
}

async fn tenancy(world: &World, owner: &Person, harvest: &mut Harvest) {
    let tenancy = world.client("tenancy", owner);
    let another = json!({ "name": "Another" });
    harvest
        .take(&tenancy.clone().in_no_workspace().post("/api/v1/workspaces", another).await.expect(201).json);
    let link = format!("/api/v1/workspaces/{}/join-link", owner.workspace);
    let _ = tenancy.put(&link, json!({ "maxUses": 5, "expiresInDays": 5 })).await.expect(200);
    for name in TWO {
        make(&tenancy, "/api/v1/startups", json!({ "name": name }), harvest).await;
        make(&tenancy, "/api/v1/projects", json!({ "name": name }), harvest).await;
        let base = format!("/api/v1/workspaces/{}", owner.workspace);
        let role = json!({ "name": name, "permissions": ["startups:read"] });
        make(&tenancy, &format!("{base}/roles"), role, harvest).await;
        let invitation = json!({ "email": format!("{name}@invited.example.org"), "role": "MEMBER" });
        make(&tenancy, &format!("{base}/invitations"), invitation, harvest).await;
        let domain = json!({ "domain": format!("{name}.{}.example.org", owner.user.uuid()) });
        make(&tenancy, &format!("{base}/domains"), domain, harvest).await;
    }
}

/// Others would have the owner in their workspaces, too.
async fn invite(world: &World, owner: &Person) {
    let root = world.client("tenancy", &world.root).in_no_workspace();
    for name in TWO {
        let made = root.post("/api/v1/workspaces", json!({ "name": name })).await.expect(201);
        let invitations = format!("/api/v1/workspaces/{}/invitations", made.text_at("/id"));
        let invitation = json!({ "email": owner.email, "role": "MEMBER" });
        let _ = root.post(&invitations, invitation).await.expect(201);
    }
}

async fn council(world: &World, owner: &Person, harvest: &mut Harvest) {
    let council = world.client("council", owner);
    for prompt in TWO {
        let project = harvest.first()["prj"].clone();
        let question = json!({ "agent": "finance", "prompt": prompt, "projectId": project });
        make(&council, "/api/v1/agents/run", question, harvest).await;
        let slug = prompt.to_lowercase();
        let agent = json!({ "agent": slug, "name": prompt, "instructions": "Advise." });
        let agent = make(&council, "/api/v1/agents/custom", agent, harvest).await;
        let change = json!({ "name": "Changed" });
        let path = format!("/api/v1/agents/custom/{}", agent["id"].as_str().unwrap());
        let _ = council.patch(&path, change).await.expect(200);
        let session = make(&council, "/api/v1/sessions", json!({ "title": prompt }), harvest).await;
        let session = format!("/api/v1/sessions/{}", session["id"].as_str().unwrap());
        for content in TWO {
            let message = json!({ "role": "USER", "content": content });
            make(&council, &format!("{session}/messages"), message, harvest).await;
            let call = json!({ "tool": content, "type": "SEARCH", "status": "SUCCEEDED", "durationMs": 1 });
            make(&council, &format!("{session}/tools"), call, harvest).await;
        }
    }
}

/// Which providers there are depends on the installation; here it matters whose keys are whose.
async fn provider_key(world: &World, owner: &Person) {
    let key = "INSERT INTO council.provider_keys
        VALUES ($1::text::uuid, 'groq', '', 'x8Qz', '00000000-0000-0000-0000-000000000000', now())";
    sql(world, owner, key).await;
}

async fn chat(world: &World, owner: &Person, partner: &Sink, harvest: &mut Harvest) {
    let chat = world.client("chat", owner);
    let backend = json!({ "kind": "WEBHOOK", "url": partner.url("/persona") });
    for name in TWO {
        let persona = json!({ "name": name, "role": "CFO", "backend": backend });
        let persona = make(&chat, "/api/v1/personas", persona, harvest).await;
        let talk = format!("/api/v1/personas/{}/chat", persona["id"].as_str().unwrap());
        for message in TWO {
            let project = harvest.first()["prj"].clone();
            make(&chat, &talk, json!({ "message": message, "projectId": project }), harvest).await;
        }
    }
    make(&chat, "/api/v1/webhooks/traits/secret", json!({}), harvest).await;
    let receipt = "INSERT INTO chat.inbound_receipts VALUES
        ($1::text::uuid, 'chat.inbound.traits', 'evt-1', '{}', null, now(), 'PROCESSED', now(), null)";
    sql(world, owner, receipt).await;
}

async fn webhooks(world: &World, owner: &Person, partner: &Sink, harvest: &mut Harvest) {
    let webhooks = world.client("webhooks", owner);
    let base = "/api/v1/webhooks/endpoints";
    for name in TWO {
        let endpoint = json!({ "url": partner.url("/hook"), "events": ["startup.*"], "description": name });
        let endpoint = make(&webhooks, base, endpoint, harvest).await;
        let deliveries = format!("{base}/{}", endpoint["id"].as_str().unwrap());
        for _ in TWO {
            make(&webhooks, &format!("{deliveries}/test"), json!({}), harvest).await;
        }
        make(&webhooks, &format!("{deliveries}/replay"), json!({ "since": "2099-01-01T00:00:00Z" }), harvest)
            .await;
        eventually("two deliveries", async || {
            let page = webhooks.get(&format!("{deliveries}/deliveries?state=SUCCEEDED")).await.expect(200);
            page.json["data"].as_array().is_some_and(|data| data.len() == 2)
        })
        .await;
    }
}

async fn billing(world: &World, owner: &Person) {
    let work = json!({
        "workspaceId": owner.workspace, "metric": "runs", "amount": 1, "reference": "work under way",
    });
    let reserved = world.system.internal("council", "billing").post("/internal/reservations", work).await;
    assert_eq!(reserved.expect(200).json["outcome"], "RESERVED");
    // What partners have taken is told every two seconds.
    world.time.advance(Duration::from_secs(3));
    let billing = world.client("billing", owner);
    eventually("deliveries are counted", async || {
        let usage = billing.get("/api/v1/usage").await.expect(200).json;
        let of = |entry: &Value| entry["metric"] == "deliveries" && entry["used"].as_i64() >= Some(4);
        usage["metrics"].as_array().is_some_and(|metrics| metrics.iter().any(of))
    })
    .await;
    // Nobody buys a plan through the API yet.
    sql(world, owner, "INSERT INTO billing.subscriptions VALUES ($1::text::uuid, 'pro', now())").await;
}

/// What only a workspace that awaits its deletion has, in one that can still be called.
pub(crate) async fn pretend_to_end(world: &World, owner: &Person) {
    sql(world, owner, "INSERT INTO webhooks.silences VALUES ($1::text::uuid, now())").await;
    sql(world, owner, "INSERT INTO tenancy.purges VALUES ($1::text::uuid, 'chat', 'REQUESTED', now())").await;
}

async fn sql(world: &World, owner: &Person, statement: &str) {
    let database = world.system.database().superuser().await.unwrap();
    let _ = database.execute(statement, &[&owner.workspace.uuid().to_string()]).await.unwrap();
}

async fn auth(world: &World, owner: &Person, harvest: &mut Harvest) {
    let auth = world.client("auth", owner);
    for name in TWO {
        let key = json!({ "name": name, "scopes": ["read"] });
        make(&auth, "/api/v1/api-keys", key.clone(), harvest).await;
        let mut key = key;
        key["workspaceId"] = json!(owner.workspace);
        make(&auth, "/api/v1/api-keys", key, harvest).await;
    }
    // What needs an authenticator or another provider is tested where it is made; here its ids are needed.
    let database = world.system.database().superuser().await.unwrap();
    let user = owner.user.uuid().to_string();
    for statement in [
        "INSERT INTO auth.passkeys VALUES (gen_random_uuid(), $1::text::uuid, $1::text::bytea, 'key', 0, 'phone', '{}', false,
            false, now(), null)",
        "INSERT INTO auth.identities VALUES (gen_random_uuid(), $1::text::uuid, 'https://issuer.example', $1::text, null,
            now(), now())",
    ] {
        let _ = database.execute(statement, &[&user]).await.unwrap();
    }
    let _ = auth.send(auth.request(Method::GET, "/api/v1/auth/passkeys")).await.expect(200);
}
