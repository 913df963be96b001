//! Bugs that systems of this kind have had, one test each. Those of tokens are with the tokens.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use witan_auth::Auth;
use witan_host::Service;
use witan_testkit::Client;
use witan_web::Access;

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const HOSTILE: &str = "\"><script>alert(1)</script>";

async fn client(world: &World, email: &str) -> Client {
    let session = world.session(email).await;
    world.with_token(&session.text_at("/accessToken"))
}

/// Sends a request line as it is, which clients would tidy up.
async fn raw(world: &World, method: &str, target: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(world.service.running().public_addr).await.unwrap();
    let request = format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{target}: {answer}")), answer)
}

/// A mail or a page repeats what somebody called themselves, or what a link says, as HTML.
#[tokio::test]
async fn names_and_links_become_html_in_mails_and_pages() {
    let world = World::start_with(|builder| builder.env("AUTH_MAILS_PER_HOUR", "50")).await;
    let body = json!({"email": ADA, "password": PASSWORD, "name": HOSTILE});
    let _ = world.anon().post("/api/v1/auth/register", &body).await.expect(202);
    let token = json!({"token": world.token(ADA).await});
    let _ = world.anon().post("/api/v1/auth/verify-email", token).await.expect(200);
    let _ = world.anon().post("/api/v1/auth/register", &body).await.expect(202);
    let ada = world.login(ADA, PASSWORD).await.expect(200);
    let ada = world.with_token(&ada.text_at("/accessToken"));
    let me = ada.patch("/api/v1/users/me", json!({"name": HOSTILE})).await.expect(200);
    assert_eq!(me.json["name"], HOSTILE, "a name may be this; showing it is what must be done with care");
    let _ = ada.post("/api/v1/api-keys", json!({"name": HOSTILE, "scopes": ["read"]})).await.expect(201);
    let _ = ada.post("/api/v1/users/me/email", json!({"newEmail": "new@example.org"})).await.expect(202);
    for path in ["request-password-reset", "magic-link"] {
        let _ = world.anon().post(&format!("/api/v1/auth/{path}"), json!({"email": ADA})).await.expect(202);
    }
    world.jobs_done().await;
    let mails = world.outbox_text();
    for kind in
        ["Confirm your address", "You already have an account", "Set a new password", "Confirm your new"]
    {
        assert!(mails.contains(kind), "{kind} was not sent");
    }
    assert!(!mails.contains("alert(1)") && !mails.contains("<script"));

    let encoded = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in ["verify-email", "reset-password", "change-email", "magic-link"] {
        let page = world.anon().request(Method::GET, &format!("/api/v1/auth/{path}?token={encoded}"));
        let page = page.send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
        let text = page.text().await.unwrap();
        assert!(!text.contains("<script") && text.contains("&lt;script&gt;"), "{path}: {text}");
    }
    let anon = world.anon();
    let form = [("token", HOSTILE), ("newPassword", "password1")];
    let submit = anon.request(Method::POST, "/api/v1/auth/reset-password/submit").form(&form);
    assert!(!submit.send().await.unwrap().text().await.unwrap().contains("<script"));
}

/// A guard compares paths as texts, and the router understands another spelling.
#[tokio::test]
async fn another_spelling_of_a_path_gets_past_the_guard() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let bearer = format!("Authorization: Bearer {}\r\n", ada.token().unwrap());
    let guarded = Auth::routes();
    let guarded = guarded.iter().filter(|route| route.access() != Access::Public);
    for route in guarded {
        let path = route.path().replace("{keyId}", "apk_01h455vb4pex5vsknk084sn02q").replace(['{', '}'], "");
        let (method, platform) = (route.method().as_str(), route.access() == Access::Platform);
        for spelling in spellings(&path) {
            let (status, answer) = raw(&world, method, &spelling, "Content-Length: 0\r\n").await;
            assert!(matches!(status, 400 | 401 | 404 | 405), "nobody: {method} {spelling}: {answer}");
            if platform {
                let (status, answer) =
                    raw(&world, method, &spelling, &format!("{bearer}Content-Length: 0\r\n")).await;
                assert!(matches!(status, 400 | 403 | 404 | 405), "somebody: {method} {spelling}: {answer}");
            }
        }
    }
    for spelling in spellings("/internal/jwks").into_iter().chain(spellings("/metrics")) {
        let (status, answer) = raw(&world, "GET", &spelling, &bearer).await;
        assert!(matches!(status, 400 | 404), "{spelling}: {answer}");
    }
}

fn spellings(path: &str) -> Vec<String> {
    let last = path.rsplit('/').next().unwrap();
    let first = last.as_bytes()[0];
    let folder = path.strip_suffix(last).unwrap();
    vec![
        path.to_owned(),
        format!("/{path}"),
        path.replacen('/', "//", 2),
        format!("{folder}/{last}"),
        format!("{folder}./{last}"),
        format!("{folder}x/../{last}"),
        format!("{folder}%2e/{last}"),
        format!("{folder}x/%2e%2e/{last}"),
        format!("/.well-known/jwks.json/..;{path}"),
        format!("/.well-known/jwks.json/../..{path}"),
        format!("/.well-known/jwks.json/%2e%2e/%2e%2e{path}"),
        format!("{folder}%{first:02x}{}", &last[1..]),
        format!("{folder}%25{first:02x}{}", &last[1..]),
        path.replace('/', "%2f").replacen("%2f", "/", 1),
        path.to_uppercase(),
        format!("{path}/"),
        format!("{path}//"),
        format!("{path};x=1"),
        format!("{path};"),
        format!("{path}%00"),
        format!("{path}%20"),
        format!("{path}?"),
        format!("{path}#x"),
        format!("{path}.json"),
        format!("http://elsewhere.example{path}"),
        path.replacen('/', "\\", 2),
    ]
}

/// The first address in `X-Forwarded-For`, which the client wrote, is taken for the client's.
#[tokio::test]
async fn a_made_up_forwarded_address_escapes_the_lockout_and_the_limits() {
    let world = World::start().await;
    world.person(ADA).await;
    let guess = async |hops: &str, password: &str| world.login_from(hops, ADA, password, "").await.status;
    for n in 0..5 {
        let _ = guess(&format!("192.0.2.{n}, 203.0.113.7"), "not the password at all").await;
    }
    for hops in ["203.0.113.7", "198.51.100.1, 203.0.113.7", "198.51.100.1,198.51.100.2 ,203.0.113.7"] {
        assert_eq!(guess(hops, PASSWORD).await, 401, "{hops} is locked out");
    }
    assert_eq!(guess("203.0.113.7, 198.51.100.1", PASSWORD).await, 200, "somebody else is not");
    let session = world.login_from("10.1.1.1, 198.51.100.1", ADA, PASSWORD, "").await.expect(200);
    let sessions = world.with_token(&session.text_at("/accessToken")).get("/api/v1/auth/sessions").await;
    assert_eq!(sessions.expect(200).json["data"][0]["ip"], "198.51.100.1");
}

/// Whoever reaches a service without the gateway writes what address they like.
#[tokio::test]
async fn who_is_no_trusted_proxy_names_another_address() {
    let world = World::start_with(|builder| {
        builder.env("TRUSTED_PROXIES", "192.0.2.254").env("RATE_LIMIT_AUTH", "8")
    })
    .await;
    world.person(ADA).await;
    let mut last = 0;
    for n in 0..8 {
        let hops = format!("198.51.{n}.1");
        last = world.login_from(&hops, ADA, "not the password at all", "").await.status.as_u16();
    }
    assert_eq!(last, 429, "all of them came from one address");
}

/// Paths and methods that strangers make up become labels, and the metrics of the service grow until it ends.
#[tokio::test]
async fn made_up_paths_and_methods_become_labels() {
    let world = World::start().await;
    let series = async || {
        let text = world.internal_anon().request(Method::GET, "/metrics").send().await.unwrap();
        let text = text.text().await.unwrap();
        let labels = |line: &str| line.split_once('{').map(|(_, rest)| rest.to_owned());
        let of_requests = text.lines().filter(|line| line.starts_with("http_server_request_duration"));
        let found: BTreeSet<String> =
            of_requests.filter(|line| line.contains("_count")).filter_map(labels).collect();
        (text.clone(), found.len())
    };
    for n in 0..40 {
        let _ = raw(&world, &format!("MADEUP{n}"), &format!("/made-up-path-{n}"), "").await;
        let _ = raw(&world, "GET", &format!("/api/v1/users/made-up-id-{n}/avatar/64?v=x"), "").await;
        let _ = raw(&world, "GET", &format!("/api/v1/auth/made-up-path-{n}"), "").await;
        let _ = raw(&world, &format!("MADEUP{n}"), "/api/v1/auth/me", "").await;
    }
    let (text, count) = series().await;
    assert!(count > 0, "there are no metrics to look at: {text}");
    assert!(count <= 12, "{count} series: {text}");
    for made_up in ["MADEUP", "made-up-path", "made-up-id"] {
        assert!(!text.contains(made_up), "{made_up} is in the metrics");
    }
}

/// A body says whose thing it makes or changes, and is believed.
#[tokio::test]
async fn a_body_names_another_user() {
    let world = World::start().await;
    let eve = client(&world, "eve@example.org").await;
    let ada = world.person(ADA).await.to_string();
    let bodies = [
        ("/api/v1/api-keys", json!({"name": "x", "scopes": ["read"], "userId": ada})),
        ("/api/v1/api-keys", json!({"name": "x", "scopes": ["read"], "createdBy": ada})),
        ("/api/v1/users/me/email", json!({"newEmail": "x@example.org", "userId": ada})),
        (
            "/api/v1/auth/change-password",
            json!({"currentPassword": PASSWORD, "newPassword": "x", "userId": ada}),
        ),
    ];
    for (path, body) in bodies {
        let answer = eve.post(path, &body).await.expect_problem(422, "validation.failed");
        let errors = answer.json["errors"].as_array().unwrap();
        let unknown: Vec<&Value> =
            errors.iter().filter(|error| error["code"] == "validation.unknown_member").collect();
        assert_eq!(unknown.len(), 1, "{path}: {errors:?}");
    }
    let patch = eve.patch("/api/v1/users/me", json!({"name": "Ada", "userId": ada})).await;
    patch.expect_problem(422, "validation.failed");
    for query in ["/api/v1/users/me?userId=", "/api/v1/auth/sessions?userId="] {
        let answer = eve.get(&format!("{query}{ada}")).await;
        answer.expect_problem(400, "request.query_invalid");
    }
    assert_eq!(world.count("api_keys").await + world.count("email_changes").await, 0);
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}
