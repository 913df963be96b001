//! Log-ins of pages in a browser.

use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::{Answer, Client};

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const LOGOUT: &str = "/api/v1/auth/logout";
const HOME: &str = "http://127.0.0.1:8080";

/// What a browser keeps.
struct Browser {
    client: Client,
    cookies: Vec<(String, String)>,
    csrf: String,
}

impl Browser {
    async fn login(world: &World) -> Self {
        world.person(ADA).await;
        let client = world.anon();
        let body = json!({"email": ADA, "password": PASSWORD, "cookies": true});
        let request = client.request(Method::POST, LOGIN).header("origin", HOME).json(&body);
        let answer = client.send(request).await.expect(200);
        let mut browser = Self { client, cookies: Vec::new(), csrf: String::new() };
        browser.keep(&answer);
        browser
    }

    fn keep(&mut self, answer: &Answer) {
        let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        for (name, value) in set.filter_map(|text| text.split(';').next()?.split_once('=')) {
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        self.csrf = answer.text_at("/csrfToken");
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// As a page of `origin` would ask.
    async fn ask(&self, method: Method, path: &str, origin: &str, csrf: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, path).header("cookie", self.cookie());
        request = request.header("origin", origin).header("x-csrf-token", csrf);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.client.send(request).await
    }
}

#[tokio::test]
async fn the_tokens_are_in_cookies_that_scripts_cannot_read_and_not_in_the_answer() {
    let world = World::start().await;
    world.person(ADA).await;
    let client = world.anon();
    let body = json!({"email": ADA, "password": PASSWORD, "cookies": true});
    let request = client.request(Method::POST, LOGIN).header("origin", HOME).json(&body);
    let answer = client.send(request).await.expect(200);
    assert_eq!(answer.text_at("/tokenType"), "Cookie");
    assert!(answer.json.get("accessToken").is_none() && answer.json.get("refreshToken").is_none());
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(set.len(), 4, "access, refresh, CSRF and the device");
    for cookie in set {
        assert!(cookie.starts_with("__Host-witan_") && cookie.contains("Secure"), "{cookie}");
        assert!(cookie.contains("SameSite=Strict") && cookie.contains("Path=/"), "{cookie}");
        assert_eq!(cookie.contains("HttpOnly"), !cookie.starts_with("__Host-witan_csrf"), "{cookie}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_can_neither_log_in_nor_refresh_nor_log_out() {
    let world = World::start().await;
    let browser = Browser::login(&world).await;
    let evil = "https://evil.example";
    let body = json!({"email": ADA, "password": PASSWORD, "cookies": true});
    let request = browser.client.request(Method::POST, LOGIN).header("origin", evil).json(&body);
    browser.client.send(request).await.expect_problem(403, "access.origin_refused");
    let csrf = &browser.csrf;
    for (path, body) in [(REFRESH, Some(json!({}))), (LOGOUT, None)] {
        let answer = browser.ask(Method::POST, path, evil, csrf, body.clone()).await;
        answer.expect_problem(403, "access.origin_refused");
        let answer = browser.ask(Method::POST, path, HOME, "guessed", body).await;
        answer.expect_problem(403, "access.csrf_invalid");
    }
    let _ = browser.ask(Method::GET, "/api/v1/auth/me", HOME, csrf, None).await.expect(200);
}

#[tokio::test]
async fn a_page_of_ours_refreshes_and_logs_out() {
    let world = World::start().await;
    let mut browser = Browser::login(&world).await;
    let before = browser.cookie();
    let answer = browser.ask(Method::POST, REFRESH, HOME, &browser.csrf, Some(json!({}))).await.expect(200);
    browser.keep(&answer);
    assert_ne!(before, browser.cookie());
    let answer = browser.ask(Method::POST, LOGOUT, HOME, &browser.csrf, None).await.expect(204);
    let removed: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(removed.len(), 3);
    assert!(removed.iter().all(|cookie| cookie.to_str().unwrap().contains("Max-Age=0")), "{removed:?}");
    let answer = browser.ask(Method::GET, "/api/v1/auth/me", HOME, &browser.csrf, None).await;
    answer.expect_problem(401, "access.session_ended");
}

#[tokio::test]
async fn bearer_and_cookie_never_mix() {
    let world = World::start().await;
    let browser = Browser::login(&world).await;
    let bearer = world.login(ADA, PASSWORD).await.expect(200);
    let body = json!({"refreshToken": bearer.text_at("/refreshToken")});
    let answer = browser.ask(Method::POST, REFRESH, HOME, &browser.csrf, Some(body)).await;
    answer.expect_problem(400, "access.credentials_mixed");
    world.anon().post(REFRESH, json!({})).await.expect_problem(422, "validation.failed");
}
