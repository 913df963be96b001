//! Everything that is held of a person, in one document.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use witan_access::Scope;
use witan_ids::UserId;
use witan_testkit::Client;

use crate::phone::Phone;
use crate::world::{PASSWORD, World};

const EXPORT: &str = "/api/v1/users/me/export";
const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
const SERVICES: [&str; 4] = ["tenancy", "chat", "council", "webhooks"];

async fn person(world: &World, email: &str) -> (Client, UserId, String) {
    let access = world.session(email).await.text_at("/accessToken");
    let client = world.with_token(&access);
    let id = client.get("/api/v1/auth/me").await.expect(200).text_at("/id");
    (client, id.parse().unwrap(), access)
}

/// Where a kind of thing is kept, for each table that has a column for a person.
const KINDS: [(&str, &str); 16] = [
    ("api_keys", "apiKey"),
    ("avatars", "avatar"),
    ("challenges", "challenge"),
    ("email_changes", "emailChange"),
    ("email_tokens", "mailedLink"),
    ("erasures", "erasure"),
    ("factor_attempts", "factorAttempts"),
    ("identities", "identity"),
    ("mails", "mail"),
    ("outside_cutoffs", "issuerCutoff"),
    ("passkeys", "passkey"),
    ("recovery_codes", "recoveryCodes"),
    ("registrations", "registration"),
    ("sessions", "session"),
    ("totp_factors", "totp"),
    ("users", "account"),
];

/// A row in every table that holds something of people.
async fn leave_traces(world: &World, client: &Client, user: UserId, access: &str) -> Phone {
    let phone = Phone::of(world, access).await;
    client.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read"]})).await.expect(201);
    client.post("/api/v1/users/me/email", json!({"newEmail": "augusta@example.net"})).await.expect(202);
    world.jobs_done().await;
    let (id, row) = (user.uuid(), world.workspace_id().uuid());
    let statements = [
        format!("INSERT INTO registrations VALUES ('{row}', '{id}', 'Augusta', 'not told', now())"),
        format!(
            "INSERT INTO identities VALUES ('{row}', '{id}', 'https://idp.example', 'subject-1', 'ada@idp.example',
             now(), now())"
        ),
        format!("INSERT INTO outside_cutoffs VALUES ('https://idp.example', 'subject-1', '{id}', now())"),
        format!("INSERT INTO factor_attempts VALUES ('{id}', 2, NULL)"),
        format!("INSERT INTO challenges VALUES (sha256('c'), 'STEP_UP', '{id}', '{{pwd}}', false, now())"),
        format!("INSERT INTO erasures VALUES ('{id}', 'chat', 'REQUESTED', now(), now(), NULL, NULL)"),
        format!("INSERT INTO avatars VALUES ('{id}', 64, 'version', 'image/png', '\\x00010203', now())"),
        format!(
            "INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, name, transports,
             backup_eligible, backed_up, created_at) VALUES ('{row}', '{id}', '\\x0011', '\\x0022', 0, 'laptop',
             '{{internal}}', true, true, now())"
        ),
    ];
    for statement in statements {
        world.sql(&statement).await;
    }
    phone
}

fn kinds(part: &Value) -> BTreeSet<&str> {
    part.as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect()
}

fn line<'a>(part: &'a Value, kind: &str) -> &'a Value {
    part.as_array().unwrap().iter().find(|line| line["kind"] == kind).unwrap()
}

#[tokio::test]
async fn every_table_and_every_service_is_in_it() {
    let world = World::start().await;
    let (ada, user, access) = person(&world, ADA).await;
    let (_, bob, _) = person(&world, BOB).await;
    leave_traces(&world, &ada, user, &access).await;
    for service in SERVICES {
        world.service.peers().hold(service, user, [json!({"kind": service}), json!({"kind": "other"})]);
        world.service.peers().hold(service, bob, [json!({"kind": "of Bob"})]);
    }
    let export = ada.get(EXPORT).await.expect(200);
    assert_eq!(export.header("content-type"), "application/json");
    assert_eq!(export.header("cache-control"), "no-store");
    let name = "attachment; filename=\"witan-export-2026-08-20.json\"";
    assert_eq!(export.header("content-disposition"), name);
    assert_eq!(export.text_at("/userId"), user.to_string());
    assert_eq!(export.json["complete"], true);
    for service in SERVICES {
        assert_eq!(export.json[service], json!([{"kind": service}, {"kind": "other"}]));
    }
    let own = &export.json["auth"];
    assert_eq!(kinds(own), KINDS.iter().map(|(_, kind)| *kind).collect(), "{}", export.text);
    assert_eq!(line(own, "account")["email"], ADA);
    assert_eq!(line(own, "account")["hasPassword"], true);
    assert_eq!(line(own, "emailChange")["email"], "augusta@example.net");
    assert_eq!(line(own, "apiKey")["name"], "ci");
    assert_eq!(line(own, "avatar")["bytes"], 4);
    assert_eq!(line(own, "recoveryCodes")["left"], 10);
    assert!(line(own, "session")["ip"].is_string());
    assert!(line(own, "totp")["confirmedAt"].is_string());
    assert!(!export.text.contains(BOB) && !export.text.contains(&bob.to_string()));

    let entry = world.audited("DATA_EXPORTED").await;
    assert_eq!((&entry["actorId"], &entry["outcome"]), (&json!(user), &json!("SUCCESS")));
    world.jobs_done().await;
    assert!(world.mails(ADA).iter().any(|mail| mail["subject"] == "Your data was exported"));
    assert!(world.mails(BOB).iter().all(|mail| mail["subject"] != "Your data was exported"));
}

#[tokio::test]
async fn no_table_that_holds_people_is_forgotten() {
    let world = World::start().await;
    let client = world.service.database().superuser().await.unwrap();
    let columns =
        "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'auth'
        AND column_name IN ('user_id', 'created_by', 'email')";
    let found: BTreeSet<String> =
        client.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(found, BTreeMap::from(KINDS).into_keys().map(str::to_owned).collect());
}

#[tokio::test]
async fn nothing_in_it_opens_anything() {
    let world = World::start().await;
    let (ada, user, access) = person(&world, ADA).await;
    let phone = leave_traces(&world, &ada, user, &access).await;
    let export = ada.get(EXPORT).await.expect(200).text;
    let client = world.service.database().superuser().await.unwrap();
    let secrets = "SELECT password_hash FROM auth.users UNION SELECT password_hash FROM auth.registrations
        UNION SELECT encode(secret, f) FROM auth.totp_factors, unnest(ARRAY['hex', 'base64']) f
        UNION SELECT encode(digest, f) FROM auth.recovery_codes, unnest(ARRAY['hex', 'base64']) f
        UNION SELECT encode(digest, f) FROM auth.email_tokens, unnest(ARRAY['hex', 'base64']) f
        UNION SELECT encode(digest, f) FROM auth.api_keys, unnest(ARRAY['hex', 'base64']) f";
    let rows = client.query(secrets, &[]).await.unwrap();
    let mut hidden: Vec<String> = rows.iter().filter_map(|row| row.get(0)).collect();
    assert!(hidden.len() > 20);
    hidden.extend(phone.paper.iter().cloned());
    hidden.extend([PASSWORD.to_owned(), access]);
    for secret in hidden {
        assert!(!export.contains(&secret), "{secret}");
    }
    for name in ["hash", "digest", "secret", "publicKey", "credential"] {
        assert!(!export.contains(&format!("{name}\":")), "{name}");
    }
}

#[tokio::test]
async fn more_than_a_page_is_told_whole_and_once() {
    let world = World::start().await;
    let (ada, user, _) = person(&world, ADA).await;
    world
        .sql(&format!(
            "INSERT INTO mails (id, user_id, kind, state, created_at) SELECT gen_random_uuid(), '{}', 'filler', 'SENT',
             now() FROM generate_series(1, 250)",
            user.uuid()
        ))
        .await;
    world.service.peers().hold("chat", user, (0..3000).map(|number| json!({"kind": "message", "n": number})));
    let export = ada.get(EXPORT).await.expect(200).json;
    let mails = export["auth"].as_array().unwrap().iter().filter(|line| line["mailKind"] == "filler");
    let ids: BTreeSet<&str> = mails.clone().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!((mails.count(), ids.len()), (250, 250));
    let numbers: Vec<_> = export["chat"].as_array().unwrap().iter().map(|line| line["n"].as_i64()).collect();
    assert_eq!(numbers, (0..3000).map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn it_asks_for_a_fresh_proof_and_for_a_person() {
    let world = World::start().await;
    let (ada, user, _) = person(&world, ADA).await;
    let asked = || world.service.peers().asked().iter().filter(|one| one.request.ends_with("/held")).count();
    world.anon().get(EXPORT).await.expect(401);
    let key =
        ada.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read", "write"]})).await.expect(201);
    world.anon().with_api_key(key.text_at("/key")).get(EXPORT).await.expect(403);
    let (foreign, _) = world.service.api_key(user, None, &[Scope::Read]);
    foreign.get(EXPORT).await.expect(401);
    world.time.advance(Duration::from_secs(10 * 60 + 1));
    ada.get(EXPORT).await.expect_problem(403, "access.step_up_required");
    assert_eq!(asked(), 0);
    assert_eq!(world.count("mails WHERE topic = 'data_exported'").await, 0);
    let proved = ada.post("/api/v1/auth/step-up", json!({"password": PASSWORD})).await.expect(200);
    world.with_token(&proved.text_at("/accessToken")).get(EXPORT).await.expect(200);
    assert_eq!(asked(), 4);
}

#[tokio::test]
async fn when_one_does_not_answer_nobody_is_quoted() {
    let world = World::start().await;
    let (ada, user, _) = person(&world, ADA).await;
    let peers = world.service.peers();
    for service in SERVICES {
        peers.hold(service, user, [json!({"kind": service})]);
    }
    for service in SERVICES {
        peers.set_service_away(service, true);
        let answer = ada.get(EXPORT).await.expect_problem(503, "auth.export_unavailable");
        assert!(answer.text_at("/detail").contains(service), "{}", answer.text);
        assert!(!answer.text.contains("kind") && !answer.header("retry-after").is_empty());
        peers.set_service_away(service, false);
    }
    assert_eq!(world.count("mails WHERE topic = 'data_exported'").await, 0, "nothing was given out");
    ada.get(EXPORT).await.expect(200);
    assert_eq!(world.count("mails WHERE topic = 'data_exported'").await, 1);
}

#[tokio::test]
async fn when_one_is_not_there_at_all_it_is_named() {
    let world = World::start_with(|builder| builder.env("WEBHOOKS_INTERNAL_URL", "http://127.0.0.1:9")).await;
    let (ada, ..) = person(&world, ADA).await;
    let answer = ada.get(EXPORT).await.expect_problem(503, "auth.export_unavailable");
    assert!(answer.text_at("/detail").contains("webhooks"));
}

#[tokio::test]
async fn when_one_breaks_off_so_does_the_export() {
    let world = World::start().await;
    let (ada, user, _) = person(&world, ADA).await;
    // More than is made before the answer begins.
    let run = json!({"kind": "run", "answer": "a".repeat(1000)});
    world.service.peers().hold("council", user, std::iter::repeat_n(run, 1000));
    world.service.peers().break_off("council");
    let mut answer = ada.request(Method::GET, EXPORT).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut body = Vec::new();
    let end = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            end => break end,
        }
    };
    assert!(end.is_err(), "the end is no end");
    assert!(!body.is_empty() && serde_json::from_slice::<Value>(&body).is_err());
}

#[tokio::test]
async fn two_at_once_are_each_whole() {
    let world = World::start().await;
    let (ada, user, _) = person(&world, ADA).await;
    let (bob, other, _) = person(&world, BOB).await;
    let (one, two, three) = tokio::join!(ada.get(EXPORT), ada.get(EXPORT), bob.get(EXPORT));
    for (answer, user) in [(one, user), (two, user), (three, other)] {
        let answer = answer.expect(200);
        assert_eq!(answer.json["complete"], true);
        assert_eq!(line(&answer.json["auth"], "account")["id"], user.to_string());
    }
}
