use witan_ids::UserId;
use witan_testkit::{Answer, TestService};

use crate::probe::Probe;

async fn list(service: &TestService<Probe>, query: &str) -> Answer {
    let person = service.person(UserId::generate(service.clock()), None);
    person.get(&format!("/api/v1/numbers{query}")).await
}

#[track_caller]
fn violations(answer: Answer) -> Vec<String> {
    let answer = answer.expect_problem(400, "request.query_invalid");
    let errors = answer.json["errors"].as_array().unwrap();
    let mut found: Vec<String> = errors
        .iter()
        .map(|one| format!("{} {}", one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_good_query_is_understood() {
    let service = TestService::<Probe>::start().await;
    let answer = list(&service, "?atLeast=7&order=ASCENDING&onlyEven=true&limit=2").await.expect(200);
    assert_eq!(answer.json["data"], serde_json::json!([8, 10]));
    let answer = list(&service, "").await.expect(200);
    assert_eq!(answer.json["data"].as_array().unwrap().len(), 20);
    let _ = list(&service, "?").await.expect(200);
}

#[tokio::test]
async fn everything_that_is_wrong_is_named() {
    let service = TestService::<Probe>::start().await;
    let found = violations(list(&service, "?atLeast=-1&order=UP&onlyEven=1&limit=101&surprise=1").await);
    let expected = [
        "atLeast validation.range",
        "limit validation.range",
        "onlyEven validation.type",
        "order validation.enum",
        "surprise validation.unknown_member",
    ];
    assert_eq!(found, expected);
    assert_eq!(violations(list(&service, "?limit=0").await), ["limit validation.range"]);
    assert_eq!(violations(list(&service, "?limit=many").await), ["limit validation.type"]);
    assert_eq!(violations(list(&service, "?limit=").await), ["limit validation.type"]);
    assert_eq!(violations(list(&service, "?limit=99999999999999999999").await), ["limit validation.type"]);
}

#[tokio::test]
async fn a_parameter_twice_is_one_too_many() {
    let service = TestService::<Probe>::start().await;
    assert_eq!(violations(list(&service, "?limit=1&limit=2").await), ["limit validation.repeated"]);
}

#[tokio::test]
async fn a_number_that_its_type_cannot_hold_is_named_too() {
    let service = TestService::<Probe>::start().await;
    assert_eq!(violations(list(&service, "?atLeast=4294967296").await).len(), 1);
}

#[tokio::test]
async fn an_operation_without_parameters_takes_none() {
    let service = TestService::<Probe>::start().await;
    let answer = service.anon().get("/api/v1/hello?surprise=1").await;
    assert_eq!(violations(answer), ["surprise validation.unknown_member"]);
}
