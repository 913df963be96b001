//! Bodies: what cannot be read, and everything that is wrong with what can.

use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::{Answer, TestService};

use crate::probe::{Probe, Shape};

const CHECK: &str = "/api/v1/check";
const TWICE: &str = r#"{"name": "a", "size": 1, "name": "b"}"#;

async fn check(service: &TestService<Probe>, body: Value) -> Answer {
    service.anon().post(CHECK, body).await
}

/// The violations as `pointer code`, in order.
#[track_caller]
fn violations(answer: Answer) -> Vec<String> {
    let answer = answer.expect_problem(422, "validation.failed");
    let errors = answer.json["errors"].as_array().unwrap();
    let mut found: Vec<String> = errors
        .iter()
        .map(|one| format!("{} {}", one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_good_body_arrives_as_it_was_sent() {
    let service = TestService::<Probe>::start().await;
    let body = json!({
        "name": "a", "size": 3, "ownerId": "usr_01h455vb4pex5vsknk084sn02q", "parts": [{"label": "x"}],
        "kind": {"kind": "CIRCLE", "radius": 2}, "note": null,
    });
    let shape: Shape = check(&service, body).await.expect(200).body();
    assert_eq!((shape.name.as_str(), shape.size, shape.parts.len()), ("a", 3, 1));
    let _ = check(&service, json!({"name": "a", "size": 0})).await.expect(200);
}

#[tokio::test]
async fn every_violation_is_named_at_once() {
    let service = TestService::<Probe>::start().await;
    let body = json!({
        "name": "much too long", "size": 11, "ownerId": "stp_01h455vb4pex5vsknk084sn02q", "surprise": 1,
        "parts": [{"label": "X"}, {"label": "x", "colour": "red"}, {}],
    });
    let found = violations(check(&service, body).await);
    let expected = [
        "/name validation.too_long",
        "/ownerId validation.pattern",
        "/parts validation.too_many",
        "/parts/0/label validation.pattern",
        "/parts/1/colour validation.unknown_member",
        "/parts/2/label validation.required",
        "/size validation.range",
        "/surprise validation.unknown_member",
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn of_very_many_violations_the_first_hundred_are_named() {
    let service = TestService::<Probe>::start().await;
    let members = (0..300).map(|n| (format!("k{n}"), json!(1)));
    assert_eq!(violations(check(&service, Value::Object(members.collect())).await).len(), 100);
}

#[tokio::test]
async fn missing_and_mistyped_members_are_named() {
    let service = TestService::<Probe>::start().await;
    assert_eq!(
        violations(check(&service, json!({"size": "3"})).await),
        ["/name validation.required", "/size validation.type"]
    );
    assert_eq!(violations(check(&service, json!([])).await), [" validation.type"]);
    assert_eq!(
        violations(check(&service, json!({"name": "a", "size": 1.5})).await),
        ["/size validation.type"]
    );
    assert_eq!(
        violations(check(&service, json!({"name": "a", "size": 1, "ownerId": null})).await),
        ["/ownerId validation.type"]
    );
}

#[tokio::test]
async fn of_a_choice_the_form_that_was_meant_says_what_is_wrong() {
    let service = TestService::<Probe>::start().await;
    let with = |kind: Value| json!({"name": "a", "size": 1, "kind": kind});
    let of = async |kind: Value| violations(check(&service, with(kind)).await);
    assert_eq!(of(json!({"kind": "CIRCLE", "radius": 0})).await, ["/kind/radius validation.range"]);
    assert_eq!(of(json!({"kind": "CIRCLE"})).await, ["/kind/radius validation.required"]);
    assert_eq!(
        of(json!({"kind": "SQUARE", "side": 1, "radius": 1})).await,
        ["/kind/radius validation.unknown_member"]
    );
    assert_eq!(of(json!({"kind": "TRIANGLE"})).await, ["/kind/kind validation.enum"]);
}

#[tokio::test]
async fn the_character_that_no_database_takes_is_a_violation() {
    let service = TestService::<Probe>::start().await;
    let found = violations(check(&service, json!({"name": "a", "size": 1, "note": "a\0b"})).await);
    assert_eq!(found, ["/note validation.invalid"]);
}

#[tokio::test]
async fn what_is_no_json_is_400() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    let deep = "[".repeat(4000);
    for body in ["", "{", "{\"name\": }", "nonsense", deep.as_str(), "\u{feff}{}", TWICE] {
        let request = anon.request(Method::POST, CHECK).header("content-type", "application/json");
        anon.send(request.body(body.to_owned())).await.expect_problem(400, "request.unparsable");
    }
    let request = anon.request(Method::POST, CHECK).header("content-type", "application/json");
    anon.send(request.body(b"{\"name\": \"\xff\"}".to_vec())).await.expect_problem(400, "request.unparsable");
}

#[tokio::test]
async fn another_type_is_415() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    let send = async |name: &str, value: &str| {
        let mut request = anon.request(Method::POST, CHECK).body("{\"name\": \"a\", \"size\": 1}");
        if name != "content-type" {
            request = request.header("content-type", "application/json");
        }
        anon.send(request.header(name, value)).await
    };
    for other in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", ""]
    {
        send("content-type", other).await.expect_problem(415, "request.media_type");
    }
    send("content-encoding", "gzip").await.expect_problem(415, "request.media_type");
    for good in ["application/json; charset=UTF-8", "APPLICATION/JSON", "application/merge-patch+json"] {
        let _ = send("content-type", good).await.expect(200);
    }
}

#[tokio::test]
async fn too_much_is_413_whether_it_is_announced_or_not() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    let request = || anon.request(Method::POST, CHECK).header("content-type", "application/json");
    anon.send(request().body(" ".repeat(5000))).await.expect_problem(413, "request.body_too_large");
    let chunks = futures_util::stream::iter((0..5).map(|_| Ok::<_, std::io::Error>(" ".repeat(1000))));
    let unannounced = request().body(reqwest::Body::wrap_stream(chunks));
    anon.send(unannounced).await.expect_problem(413, "request.body_too_large");
    let fits = format!("{}{{\"name\": \"a\", \"size\": 1}}", " ".repeat(4000));
    let _ = anon.send(request().body(fits)).await.expect(200);
}
