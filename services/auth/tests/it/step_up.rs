//! Proving once more who is calling.

use reqwest::Method;
use serde_json::json;

use crate::phone::{Phone, STEP_UP, methods, methods_after_refresh};
use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const HOME: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn who_has_a_second_factor_must_show_it() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let access = session.text_at("/accessToken");
    let client = world.with_token(&access);
    let by_password = json!({"password": PASSWORD});
    let _ = client.post(STEP_UP, &by_password).await.expect(200);
    let phone = Phone::of(&world, &access).await;
    client.post(STEP_UP, &by_password).await.expect_problem(403, "auth.second_factor_needed");
    let wrong = json!({"code": phone.wrong_code(&world)});
    client.post(STEP_UP, wrong).await.expect_problem(403, "auth.second_factor_wrong");

    let code = json!({"code": phone.next_code(&world)});
    let proved = client.post(STEP_UP, &code).await.expect(200);
    assert_eq!(methods(&world, &proved).await, ["pwd", "otp"]);
    client.post(STEP_UP, &code).await.expect_problem(403, "auth.second_factor_wrong");
    let paper = json!({"recoveryCode": phone.paper[0]});
    let proved = client.post(STEP_UP, &paper).await.expect(200);
    assert_eq!(methods(&world, &proved).await, ["pwd", "otp", "recovery"]);
    client.post(STEP_UP, &paper).await.expect_problem(403, "auth.second_factor_wrong");
    assert_eq!(methods_after_refresh(&world, &session).await, ["pwd", "otp", "recovery"]);
}

#[tokio::test]
async fn wrong_codes_are_counted_together_wherever_they_are_shown() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::of(&world, &access).await;
    let client = world.with_token(&access);
    for _ in 0..5 {
        let wrong = json!({"code": phone.wrong_code(&world)});
        client.post(STEP_UP, wrong).await.expect_problem(403, "auth.second_factor_wrong");
    }
    let right = json!({"code": phone.next_code(&world)});
    client.post(STEP_UP, right).await.expect_problem(429, "auth.second_factor_locked");
}

#[tokio::test]
async fn a_proof_is_one_thing() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let client = world.with_token(&access);
    for body in [json!({}), json!({"password": PASSWORD, "code": "123456"}), json!({"code": "12345x"})] {
        client.post(STEP_UP, body).await.expect_problem(422, "validation.failed");
    }
    let code = json!({"code": "123456"});
    client.post(STEP_UP, &code).await.expect_problem(403, "auth.second_factor_wrong");
}

#[tokio::test]
async fn a_page_gets_the_new_token_in_its_cookie() {
    let world = World::start().await;
    world.person(ADA).await;
    let client = world.anon();
    let body = json!({"email": ADA, "password": PASSWORD, "cookies": true});
    let request = client.request(Method::POST, "/api/v1/auth/login").header("origin", HOME).json(&body);
    let login = client.send(request).await.expect(200);
    let set = login.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookies: Vec<&str> = set.filter_map(|text| text.split(';').next()).collect();
    let request = client.request(Method::POST, STEP_UP).header("cookie", cookies.join("; "));
    let request = request.header("origin", HOME).header("x-csrf-token", login.text_at("/csrfToken"));
    let proved = client.send(request.json(&json!({"password": PASSWORD}))).await.expect(200);
    assert_eq!(proved.text_at("/tokenType"), "Cookie");
    assert!(proved.json.get("accessToken").is_none());
    let cookie = proved.header("set-cookie");
    assert!(cookie.starts_with("__Host-witan_access=") && cookie.contains("HttpOnly"), "{cookie}");
}
