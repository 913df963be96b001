//! Passkeys: registering them, signing in with them, and what attackers try.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::Answer;

use crate::authenticator::{DOMAIN, Device, ORIGIN, Scene, decode, encode};
use crate::phone::{FACTORS, Phone, STEP_UP, TOTP, challenged, methods, methods_after_refresh, show_paper};
use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";
const PASSKEYS: &str = "/api/v1/auth/passkeys";
const SIGN_IN: &str = "/api/v1/auth/passkeys/sign-in";

async fn start() -> World {
    World::start_with(|builder| builder.env("WITAN_PUBLIC_URL", ORIGIN)).await
}

async fn creation(world: &World, access: &str) -> Value {
    world.with_token(access).post(&format!("{PASSKEYS}/options"), ()).await.expect(200).json
}

async fn register(world: &World, access: &str, credential: &Value) -> Answer {
    let body = json!({"name": "phone", "credential": credential});
    world.with_token(access).post(PASSKEYS, body).await
}

/// A passkey of whoever asks.
async fn device(world: &World, access: &str) -> Device {
    let options = creation(world, access).await;
    let device = Device::new(&options);
    let made = device.made(&options, &Scene::default());
    let _ = register(world, access, &made).await.expect(201);
    device
}

async fn request(world: &World) -> Value {
    world.anon().post(&format!("{SIGN_IN}/options"), ()).await.expect(200).json
}

async fn sign_in(world: &World, credential: &Value) -> Answer {
    world.anon().post(SIGN_IN, json!({"credential": credential})).await
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_name_or_a_password() {
    let world = start().await;
    let session = world.session(ADA).await;
    let access = session.text_at("/accessToken");
    let options = creation(&world, &access).await;
    assert_eq!(options["attestation"], "none");
    let mut device = Device::new(&options);
    let registered = register(&world, &access, &device.made(&options, &Scene::default())).await.expect(201);
    assert_eq!(registered.text_at("/name"), "phone");
    assert_eq!(registered.json["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(registered.header("location"), format!("{PASSKEYS}/{}", registered.text_at("/id")));
    assert_eq!(world.mail_of_kind(ADA, "security_notice").await["subject"], "A passkey was added");
    assert_eq!(methods_after_refresh(&world, &session).await, ["pwd", "passkey"]);

    let options = request(&world).await;
    assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!(DOMAIN), &json!([])));
    let signed_in = sign_in(&world, &device.sign(&options, &Scene::default())).await.expect(200);
    assert_eq!(methods(&world, &signed_in).await, ["passkey"]);
    let client = world.with_token(&signed_in.text_at("/accessToken"));
    let me = client.get("/api/v1/auth/me").await.expect(200);
    assert_eq!(me.text_at("/email"), ADA);
    let listed = client.get(PASSKEYS).await.expect(200);
    assert!(listed.json["data"][0]["lastUsedAt"].is_string());
    assert_eq!(client.get(FACTORS).await.expect(200).json["passkeys"], 1);
}

#[tokio::test]
async fn what_a_page_of_somebody_else_or_another_device_made_is_not_registered() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let lies = [
        Scene { origin: "https://badexample.com".to_owned(), ..Scene::default() },
        Scene { origin: "https://example.com.evil.example".to_owned(), ..Scene::default() },
        Scene { origin: "http://example.com".to_owned(), ..Scene::default() },
        Scene { cross_origin: true, ..Scene::default() },
        Scene { domain: "badexample.com".to_owned(), ..Scene::default() },
        Scene { flags: 0x01, ..Scene::default() },
        Scene { flags: 0x04, ..Scene::default() },
        Scene { flags: 0x15, ..Scene::default() },
        Scene { kind: Some("webauthn.get"), ..Scene::default() },
        Scene { challenge: Some(encode(&[7; 32])), ..Scene::default() },
    ];
    for scene in lies {
        let options = creation(&world, &access).await;
        let made = Device::new(&options).made(&options, &scene);
        register(&world, &access, &made).await.expect_problem(422, "auth.passkey_refused");
    }
    assert_eq!((world.count("passkeys").await, world.count("recovery_codes").await), (0, 0));
}

#[tokio::test]
async fn a_registration_answers_once_in_time_and_for_who_asked() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let eve = world.session(EVE).await.text_at("/accessToken");
    let options = creation(&world, &access).await;
    let made = Device::new(&options).made(&options, &Scene::default());
    register(&world, &eve, &made).await.expect_problem(422, "auth.passkey_refused");
    register(&world, &access, &made).await.expect_problem(422, "auth.passkey_refused");

    let options = creation(&world, &access).await;
    let late = Device::new(&options).made(&options, &Scene::default());
    world.time.advance(Duration::from_secs(5 * 60));
    register(&world, &access, &late).await.expect_problem(422, "auth.passkey_refused");

    let options = creation(&world, &access).await;
    let device = Device::new(&options);
    let made = device.made(&options, &Scene::default());
    let (one, other) = tokio::join!(register(&world, &access, &made), register(&world, &access, &made));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
    let options = creation(&world, &eve).await;
    let again = device.made(&options, &Scene::default());
    register(&world, &eve, &again).await.expect_problem(409, "auth.passkey_exists");
    assert_eq!(world.count("passkeys").await, 1);
}

#[tokio::test]
async fn no_lie_signs_in() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let mut device = device(&world, &access).await;
    let sessions = world.count("sessions").await;
    let lies = [
        Scene { origin: "https://badexample.com".to_owned(), ..Scene::default() },
        Scene { origin: "https://example.com:8443".to_owned(), ..Scene::default() },
        Scene { cross_origin: true, ..Scene::default() },
        Scene { domain: "badexample.com".to_owned(), ..Scene::default() },
        Scene { flags: 0x01, ..Scene::default() },
        Scene { flags: 0x04, ..Scene::default() },
        Scene { flags: 0x0d, ..Scene::default() },
        Scene { kind: Some("webauthn.create"), ..Scene::default() },
        Scene { challenge: Some(encode(&[7; 32])), ..Scene::default() },
    ];
    for scene in lies {
        let options = request(&world).await;
        let signed = device.sign(&options, &scene);
        sign_in(&world, &signed).await.expect_problem(401, "auth.passkey_invalid");
    }
    for member in ["signature", "authenticatorData", "clientDataJSON"] {
        let options = request(&world).await;
        let mut signed = device.sign(&options, &Scene::default());
        let mut bytes = decode(signed["response"][member].as_str().unwrap());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let last = bytes.len() - 1;
        match text.contains("true") {
            // A member that nobody reads.
            true => bytes = text.replace("true", "null").into_bytes(),
            false => bytes[last] ^= 1,
        }
        signed["response"][member] = encode(&bytes).into();
        sign_in(&world, &signed).await.expect_problem(401, "auth.passkey_invalid");
    }
    assert_eq!(world.count("sessions").await, sessions);
    let options = request(&world).await;
    let _ = sign_in(&world, &device.sign(&options, &Scene::default())).await.expect(200);
}

#[tokio::test]
async fn an_answer_is_good_once_and_not_for_long() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let mut device = device(&world, &access).await;
    let sessions = world.count("sessions").await;
    let options = request(&world).await;
    let signed = device.sign(&options, &Scene::default());
    let attempts = (0..4).map(|_| sign_in(&world, &signed));
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    sign_in(&world, &signed).await.expect_problem(401, "auth.passkey_invalid");
    // Another signature does not make a challenge fresh that was answered.
    let again = device.sign(&options, &Scene::default());
    sign_in(&world, &again).await.expect_problem(401, "auth.passkey_invalid");
    let late = device.sign(&request(&world).await, &Scene::default());
    world.time.advance(Duration::from_secs(5 * 60));
    sign_in(&world, &late).await.expect_problem(401, "auth.passkey_invalid");
    assert_eq!(world.count("sessions").await, sessions + 1);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_told_by_mail() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let mut device = device(&world, &access).await;
    device.counter = 41;
    let signed = device.sign(&request(&world).await, &Scene::default());
    let _ = sign_in(&world, &signed).await.expect(200);
    for before in [41, 40] {
        device.counter = before;
        let copy = device.sign(&request(&world).await, &Scene::default());
        sign_in(&world, &copy).await.expect_problem(401, "auth.passkey_invalid");
    }
    device.counter = 42;
    let next = device.sign(&request(&world).await, &Scene::default());
    let _ = sign_in(&world, &next).await.expect(200);
    world.jobs_done().await;
    let subjects: Vec<_> = world.mails(ADA).into_iter().map(|mail| mail["subject"].clone()).collect();
    assert!(subjects.contains(&json!("A passkey may have been copied")), "{subjects:?}");
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_and_codes_do_not_close_it() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let mut device = device(&world, &access).await;
    let answer = world.login(ADA, PASSWORD).await.expect(202);
    assert_eq!(answer.json["methods"], json!(["passkey", "recovery-code"]));
    assert_eq!(answer.json["passkey"]["allowCredentials"][0]["id"], encode(&device.id));
    let challenge = answer.text_at("/challengeToken");
    assert_ne!(answer.text_at("/passkey/challenge"), challenge);
    for _ in 0..5 {
        let wrong = show_paper(&world, &challenge, "AAAA-AAAA-AAAA-AAAA").await;
        wrong.expect_problem(401, "auth.second_factor_invalid");
    }
    let path = "/api/v1/auth/login/passkey";
    let show = async |token: &str, credential: Value| {
        world.anon().post(path, json!({"challengeToken": token, "credential": credential})).await
    };
    let bad = Scene { origin: "https://badexample.com".to_owned(), ..Scene::default() };
    let signed = device.sign(&answer.json["passkey"], &bad);
    show(&challenge, signed).await.expect_problem(401, "auth.second_factor_invalid");
    let elsewhere = device.sign(&request(&world).await, &Scene::default());
    show(&challenge, elsewhere).await.expect_problem(401, "auth.second_factor_invalid");
    let signed = device.sign(&answer.json["passkey"], &Scene::default());
    let session = show(&challenge, signed.clone()).await.expect(200);
    assert_eq!(methods(&world, &session).await, ["pwd", "passkey"]);
    show(&challenge, signed).await.expect_problem(401, "auth.challenge_invalid");
}

#[tokio::test]
async fn somebody_elses_passkey_is_no_second_factor_and_proves_nothing() {
    let world = start().await;
    let ada = world.session(ADA).await.text_at("/accessToken");
    device(&world, &ada).await;
    let eve = world.session(EVE).await.text_at("/accessToken");
    let mut eves = device(&world, &eve).await;
    let answer = world.login(ADA, PASSWORD).await.expect(202);
    let ada_handle = {
        let options = creation(&world, &ada).await;
        decode(options["user"]["id"].as_str().unwrap())
    };
    let eve_handle = eves.user_handle.clone();
    for handle in [eve_handle, ada_handle] {
        eves.user_handle = handle;
        let signed = eves.sign(&answer.json["passkey"], &Scene::default());
        let body = json!({"challengeToken": answer.text_at("/challengeToken"), "credential": signed});
        let shown = world.anon().post("/api/v1/auth/login/passkey", body).await;
        shown.expect_problem(401, "auth.second_factor_invalid");
        let client = world.with_token(&ada);
        let options = client.post(&format!("{STEP_UP}/options"), ()).await.expect(200).json;
        let proof = json!({"passkey": eves.sign(&options, &Scene::default())});
        client.post(STEP_UP, proof).await.expect_problem(403, "auth.second_factor_wrong");
    }
    // With Ada's handle, Eve's passkey is nobody's.
    let signed = eves.sign(&request(&world).await, &Scene::default());
    sign_in(&world, &signed).await.expect_problem(401, "auth.passkey_invalid");
    let mut nameless = eves.sign(&request(&world).await, &Scene::default());
    nameless["response"]["userHandle"] = Value::Null;
    sign_in(&world, &nameless).await.expect_problem(401, "auth.passkey_invalid");
}

#[tokio::test]
async fn a_passkey_proves_once_more_who_is_calling() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let client = world.with_token(&access);
    let begin = format!("{STEP_UP}/options");
    client.post(&begin, ()).await.expect_problem(409, "auth.second_factor_missing");
    let mut device = device(&world, &access).await;
    let by_password = json!({"password": PASSWORD});
    client.post(STEP_UP, by_password).await.expect_problem(403, "auth.second_factor_needed");
    let other = client.post(&begin, ()).await.expect(200).json;
    assert_eq!(other["allowCredentials"][0]["id"], encode(&device.id));
    let stolen = json!({"passkey": device.sign(&request(&world).await, &Scene::default())});
    client.post(STEP_UP, stolen).await.expect_problem(403, "auth.second_factor_wrong");
    let proof = json!({"passkey": device.sign(&other, &Scene::default())});
    let proved = client.post(STEP_UP, &proof).await.expect(200);
    assert_eq!(methods(&world, &proved).await, ["pwd", "passkey"]);
    client.post(STEP_UP, &proof).await.expect_problem(403, "auth.second_factor_wrong");
}

#[tokio::test]
async fn passkeys_are_renamed_and_removed_by_their_owner_alone() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let mut device = device(&world, &access).await;
    let client = world.with_token(&access);
    let id = client.get(PASSKEYS).await.expect(200).text_at("/data/0/id");
    let path = format!("{PASSKEYS}/{id}");
    let eve = world.session(EVE).await.text_at("/accessToken");
    let stranger = world.with_token(&eve);
    stranger.patch(&path, json!({"name": "mine"})).await.expect_problem(404, "resource.not_found");
    stranger.delete(&path).await.expect_problem(404, "resource.not_found");
    assert_eq!(stranger.get(PASSKEYS).await.expect(200).json["data"], json!([]));
    client.patch(&path, json!({"name": " "})).await.expect_problem(422, "validation.failed");
    let renamed = client.patch(&path, json!({"name": "old phone"})).await.expect(200);
    assert_eq!(renamed.text_at("/name"), "old phone");

    let signed = device.sign(&request(&world).await, &Scene::default());
    let session = sign_in(&world, &signed).await.expect(200);
    client.delete(&path).await.expect(204);
    client.delete(&path).await.expect_problem(404, "resource.not_found");
    let signed = device.sign(&request(&world).await, &Scene::default());
    sign_in(&world, &signed).await.expect_problem(401, "auth.passkey_invalid");
    assert_eq!(methods_after_refresh(&world, &session).await, Vec::<String>::new());
    assert_eq!(world.count("recovery_codes").await, 0);
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn of_two_factors_the_one_that_is_left_goes_on() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    Phone::of(&world, &access).await;
    let options = creation(&world, &access).await;
    let made = Device::new(&options).made(&options, &Scene::default());
    let registered = register(&world, &access, &made).await.expect(201);
    assert_eq!(registered.json["recoveryCodes"], json!([]), "there are some already");
    world.with_token(&access).delete(TOTP).await.expect(204);
    assert_eq!(world.count("recovery_codes").await, 10);
    challenged(&world, ADA).await;
}

#[tokio::test]
async fn passkeys_change_with_a_fresh_proof_only_and_are_twenty_at_most() {
    let world = start().await;
    let session = world.session(ADA).await;
    let access = session.text_at("/accessToken");
    device(&world, &access).await;
    let copies = "INSERT INTO passkeys SELECT gen_random_uuid(), user_id, credential_id || int4send(n), public_key, \
                  0, name, transports, false, false, now(), NULL FROM passkeys, generate_series(1, 19) n";
    world.sql(copies).await;
    let full = world.with_token(&access).post(&format!("{PASSKEYS}/options"), ()).await;
    full.expect_problem(409, "auth.passkey_limit");
    world.time.advance(Duration::from_secs(11 * 60));
    let body = json!({"refreshToken": session.text_at("/refreshToken")});
    let session = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    let client = world.with_token(&session.text_at("/accessToken"));
    let id = client.get(PASSKEYS).await.expect(200).text_at("/data/0/id");
    let options = client.post(&format!("{PASSKEYS}/options"), ()).await;
    options.expect_problem(403, "access.step_up_required");
    client.delete(&format!("{PASSKEYS}/{id}")).await.expect_problem(403, "access.step_up_required");
    assert_eq!(world.count("passkeys").await, 20);
}

#[tokio::test]
async fn a_page_signs_in_with_cookies() {
    let world = start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let mut device = device(&world, &access).await;
    let client = world.anon();
    for (origin, status) in [("https://evil.example", 403), (ORIGIN, 200)] {
        let signed = device.sign(&request(&world).await, &Scene::default());
        let body = json!({"credential": signed, "cookies": true});
        let request = client.request(Method::POST, SIGN_IN).header("origin", origin).json(&body);
        let answer = client.send(request).await.expect(status);
        assert_eq!(answer.headers.contains_key("set-cookie"), status == 200);
        assert!(answer.json.get("accessToken").is_none());
    }
}

#[tokio::test]
async fn what_is_no_credential_is_named() {
    let world = start().await;
    let bad = [
        json!({"credential": {}}),
        json!({"credential": {"id": "AA", "type": "public-key", "response": {"clientDataJSON": "e30"}}}),
        json!({"credential": {"id": "A=", "type": "public-key", "response": {
            "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}}),
    ];
    for body in bad {
        world.anon().post(SIGN_IN, body).await.expect_problem(422, "validation.failed");
    }
    let nonsense = json!({"credential": {"id": "AA", "type": "public-key", "response": {
        "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}});
    world.anon().post(SIGN_IN, nonsense).await.expect_problem(401, "auth.passkey_invalid");
}
