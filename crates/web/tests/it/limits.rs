//! Rate limits, as announced by draft-ietf-httpapi-ratelimit-headers-10.

use reqwest::Method;
use witan_ids::UserId;
use witan_testkit::{Answer, TestService};

use crate::probe::Probe;

async fn limited(general: u32, api: u32, auth: u32) -> TestService<Probe> {
    TestService::start_with(|builder| {
        builder
            .env("RATE_LIMIT_GENERAL", general.to_string())
            .env("RATE_LIMIT_API", api.to_string())
            .env("RATE_LIMIT_AUTH", auth.to_string())
    })
    .await
}

async fn log_in_from(service: &TestService<Probe>, address: &str) -> Answer {
    let anon = service.anon();
    anon.send(anon.request(Method::POST, "/api/v1/log-in").header("X-Forwarded-For", address)).await
}

#[tokio::test]
async fn past_the_limit_it_is_429_and_says_when_to_come_back() {
    let service = limited(1000, 1000, 3).await;
    for left in (0..3).rev() {
        let answer = log_in_from(&service, "203.0.113.1").await.expect(204);
        assert_eq!(answer.header("ratelimit-policy"), "\"general\";q=1000;w=60, \"auth\";q=3;w=900");
        assert!(
            answer.header("ratelimit").contains(&format!("\"auth\";r={left};t=")),
            "{}",
            answer.header("ratelimit")
        );
    }
    let refused = log_in_from(&service, "203.0.113.1").await.expect_problem(429, "rate_limit.exceeded");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((290..=300).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").contains("\"auth\";r=0;t="));
    let _ = log_in_from(&service, "203.0.113.2").await.expect(204);
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_caller() {
    let service = limited(1000, 1000, 2).await;
    let _ = log_in_from(&service, "2001:db8::1").await.expect(204);
    let _ = log_in_from(&service, "2001:db8::2").await.expect(204);
    log_in_from(&service, "2001:db8::3").await.expect_problem(429, "rate_limit.exceeded");
    let _ = log_in_from(&service, "2001:db8:0:1::1").await.expect(204);
}

#[tokio::test]
async fn users_have_buckets_of_their_own_wherever_they_come_from() {
    let service = limited(1000, 2, 1000).await;
    let person = || service.person(UserId::generate(service.clock()), None);
    let (one, other) = (person(), person());
    let _ = one.post("/api/v1/ask", ()).await.expect(204);
    let from = |address: &str| one.request(Method::POST, "/api/v1/ask").header("X-Forwarded-For", address);
    let _ = one.send(from("203.0.113.1")).await.expect(204);
    one.send(from("203.0.113.2")).await.expect_problem(429, "rate_limit.exceeded");
    let _ = other.post("/api/v1/ask", ()).await.expect(204);
    let _ = one.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn who_fails_to_log_in_is_limited_by_address() {
    let service = limited(3, 1000, 1000).await;
    let guess = service.anon().with_token("guess");
    for _ in 0..3 {
        guess.get("/api/v1/me").await.expect_problem(401, "access.token_invalid");
    }
    guess.get("/api/v1/me").await.expect_problem(429, "rate_limit.exceeded");
}

#[tokio::test]
async fn large_limits_are_exact_to_what_was_taken_in_advance_and_never_exceeded() {
    let service = limited(640, 1000, 1000).await;
    let person = service.person(UserId::generate(service.clock()), None);
    let mut allowed = 0;
    let begun = tokio::time::Instant::now();
    loop {
        let answer = person.get("/api/v1/me").await;
        if answer.status == 429 {
            break;
        }
        allowed += 1;
        assert!(allowed < 5000, "it never ends");
    }
    // What came back meanwhile may be used too.
    let most = 640 + begun.elapsed().as_secs() * 11 + 11;
    assert!((600..=most).contains(&allowed), "{allowed} of {most}");
}

#[tokio::test]
async fn without_redis_the_service_answers_and_still_limits() {
    let service: TestService<Probe> = TestService::start_with(|builder| {
        builder.env("REDIS_URL", "redis://127.0.0.1:1").env("RATE_LIMIT_AUTH", "2")
    })
    .await;
    let _ = log_in_from(&service, "203.0.113.1").await.expect(204);
    let _ = log_in_from(&service, "203.0.113.1").await.expect(204);
    log_in_from(&service, "203.0.113.1").await.expect_problem(429, "rate_limit.exceeded");
}
