//! The cookies of browsers: what changes something must come from a page of ours.

use reqwest::{Method, RequestBuilder};
use witan_access::Claims;
use witan_ids::{SessionId, UserId};
use witan_testkit::{Client, TestService, tokens};

use crate::probe::{self, Probe};

const ME: &str = "/api/v1/me";
const ASK: &str = "/api/v1/ask";
const OURS: &str = "http://127.0.0.1:8080";

struct Browser {
    service: TestService<Probe>,
    anon: Client,
    claims: Claims,
    cookie: String,
}

impl Browser {
    async fn start() -> Self {
        let (service, _) =
            probe::start_with(|builder| builder.env("WITAN_ALLOWED_ORIGINS", "https://app.example.org"))
                .await;
        let claims = tokens::claims("probe", UserId::generate(service.clock()), None, service.clock());
        let cookie = format!("other=1; __Host-witan_access={}", tokens::sign(&claims));
        Self { anon: service.anon(), service, claims, cookie }
    }

    fn csrf(&self, session: SessionId) -> String {
        self.service.running().context().access.csrf().token(session)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anon.request(method, path).header("cookie", &self.cookie)
    }

    fn post(&self) -> RequestBuilder {
        self.request(Method::POST, ASK)
    }

    async fn refused(&self, request: RequestBuilder, status: u16, code: &str) {
        self.anon.send(request).await.expect_problem(status, code);
    }
}

#[tokio::test]
async fn a_cookie_is_enough_to_read() {
    let browser = Browser::start().await;
    let _ = browser.anon.send(browser.request(Method::GET, ME)).await.expect(200);
}

#[tokio::test]
async fn a_change_needs_the_origin_and_the_sessions_token() {
    let browser = Browser::start().await;
    let token = browser.csrf(browser.claims.sid);
    for origin in [OURS, "https://app.example.org"] {
        let request = browser.post().header("origin", origin).header("x-csrf-token", &token);
        let _ = browser.anon.send(request).await.expect(204);
    }
    browser.refused(browser.post().header("origin", OURS), 403, "access.csrf_invalid").await;
    let other = browser.csrf(SessionId::generate(browser.service.clock()));
    for wrong in [other.as_str(), "", "x"] {
        let request = browser.post().header("origin", OURS).header("x-csrf-token", wrong);
        browser.refused(request, 403, "access.csrf_invalid").await;
    }
    let twice =
        browser.post().header("origin", OURS).header("x-csrf-token", &token).header("x-csrf-token", &token);
    browser.refused(twice, 403, "access.csrf_invalid").await;
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let browser = Browser::start().await;
    let with_token = || browser.post().header("x-csrf-token", browser.csrf(browser.claims.sid));
    browser.refused(with_token(), 403, "access.origin_refused").await;
    let foreign =
        ["null", "https://evil.example", "http://127.0.0.1:8081", "https://app.example.org.evil.example", ""];
    for origin in foreign {
        browser.refused(with_token().header("origin", origin), 403, "access.origin_refused").await;
    }
    for site in ["cross-site", "none"] {
        let request = with_token().header("origin", OURS).header("sec-fetch-site", site);
        browser.refused(request, 403, "access.origin_refused").await;
    }
    let same = with_token().header("origin", OURS).header("sec-fetch-site", "same-origin");
    let _ = browser.anon.send(same).await.expect(204);
}

#[tokio::test]
async fn cookie_and_bearer_never_mix() {
    let browser = Browser::start().await;
    let both = browser.request(Method::GET, ME).bearer_auth(tokens::sign(&browser.claims));
    browser.refused(both, 400, "access.credentials_mixed").await;
    let planted = format!("{}; __Host-witan_access=planted", browser.cookie);
    let twice = browser.anon.request(Method::GET, ME).header("cookie", planted);
    browser.refused(twice, 400, "request.header_invalid").await;
    let unmarked = format!("witan_access={}", tokens::sign(&browser.claims));
    let unmarked = browser.anon.request(Method::GET, ME).header("cookie", unmarked);
    browser.refused(unmarked, 401, "access.token_missing").await;
}

#[tokio::test]
async fn a_cookie_of_a_session_that_was_ended_is_refused() {
    let browser = Browser::start().await;
    let until = chrono::DateTime::from_timestamp(browser.claims.exp, 0).unwrap();
    browser.service.running().context().access.revocations().revoke(browser.claims.sid, until);
    browser.refused(browser.request(Method::GET, ME), 401, "access.session_ended").await;
}
