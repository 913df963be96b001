//! Every error of every layer is a problem document (invariant 7).

use reqwest::Method;
use witan_testkit::{Answer, TestService};

use crate::probe::Probe;

#[track_caller]
fn names_its_request(answer: &Answer, path: &str) {
    assert_eq!(answer.json["instance"], path);
    assert_eq!(answer.json["requestId"], answer.header("x-request-id"));
    assert!(answer.json["type"].as_str().unwrap().ends_with(answer.json["code"].as_str().unwrap()));
    assert!(!answer.json["title"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_is_404() {
    let service = TestService::<Probe>::start().await;
    let others = [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/hello/",
        "/api/v1//hello",
        "/api//v1/hello",
        "/api/v1/./hello/x",
        "/API/v1/hello",
        "/api/v1/hello%2F",
        "/api/v1/%2e%2e/hello",
        "/api/v1/hello;x=1",
        "/live",
        "/ready",
        "/metrics",
        "/internal/inside",
    ];
    for path in others {
        let answer = service.anon().get(path).await.expect_problem(404, "request.route_not_found");
        assert_eq!(answer.json["requestId"], answer.header("x-request-id"), "{path}");
    }
}

#[tokio::test]
async fn another_method_is_405_and_names_those_that_are_known() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    for method in ["PUT", "DELETE", "PATCH", "POST", "TRACE", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = anon.send(anon.request(method, "/api/v1/hello")).await;
        let answer = answer.expect_problem(405, "request.method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        names_its_request(&answer, "/api/v1/hello");
    }
    let options = anon.send(anon.request(Method::OPTIONS, "/api/v1/make")).await.expect(204);
    assert_eq!(options.header("allow"), "POST, OPTIONS");
}

#[tokio::test]
async fn a_fixed_segment_comes_before_a_parameter() {
    let service = TestService::<Probe>::start().await;
    let _ = service.anon().post("/api/v1/things/fixed", ()).await.expect(200);
    let answer = service.anon().get("/api/v1/things/fixed").await;
    assert_eq!(answer.expect_problem(405, "request.method_not_allowed").header("allow"), "POST, OPTIONS");
}

#[tokio::test]
async fn what_cannot_be_an_id_is_not_there() {
    let service = TestService::<Probe>::start().await;
    let good = "stp_01h455vb4pex5vsknk084sn02q";
    assert_eq!(service.anon().get(&format!("/api/v1/things/{good}")).await.expect(200).json["id"], good);
    for bad in [
        "x",
        "usr_01h455vb4pex5vsknk084sn02q",
        "stp_01H455VB4PEX5VSKNK084SN02Q",
        "%00",
        "..%2f",
        "%F0%9F%92%A9",
    ] {
        let path = format!("/api/v1/things/{bad}");
        service.anon().get(&path).await.expect_problem(404, "resource.not_found");
    }
}

#[tokio::test]
async fn a_panic_and_a_failure_are_500_and_tell_nothing() {
    let service = TestService::<Probe>::start().await;
    for how in ["panic", "internal"] {
        let path = format!("/api/v1/fail/{how}");
        let answer = service.anon().get(&path).await.expect_problem(500, "system.internal");
        assert!(!answer.text.contains("secret"), "{}", answer.text);
        names_its_request(&answer, &path);
    }
    let _ = service.anon().get("/api/v1/hello").await.expect(200);
}

#[tokio::test]
async fn a_database_that_is_away_is_503_and_says_when_to_come_back() {
    let service = TestService::<Probe>::start().await;
    let answer = service.anon().get("/api/v1/fail/database").await.expect_problem(503, "system.unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.text.contains("secret"), "{}", answer.text);
    service.anon().get("/api/v1/fail/missing").await.expect_problem(404, "resource.not_found");
}

#[tokio::test]
async fn a_problem_has_the_shape_of_rfc_9457() {
    let service = TestService::<Probe>::start().await;
    let anon = service.anon();
    let request = anon.request(Method::GET, "/api/v1/nothing").header("X-Request-Id", "req-1");
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let mut answer = anon.send(request.header("traceparent", traceparent)).await;
    assert_eq!(answer.json["traceId"].as_str(), Some(answer.header("x-trace-id")));
    assert_eq!(answer.header("x-trace-id"), "0af7651916cd43dd8448eb211c80319c");
    answer.json.as_object_mut().unwrap().remove("traceId");
    let expected = serde_json::json!({
        "type": "/docs/problems#request.route_not_found",
        "title": "There is nothing at this address.",
        "status": 404,
        "instance": "/api/v1/nothing",
        "code": "request.route_not_found",
        "requestId": "req-1",
    });
    assert_eq!(answer.json, expected);
}
