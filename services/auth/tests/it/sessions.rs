use crate::world::{PASSWORD, World};

const SESSIONS: &str = "/api/v1/auth/sessions";

#[tokio::test]
async fn logging_out_ends_this_session_at_once() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    let other = world.login("ada@example.org", PASSWORD).await.expect(200);
    let caller = world.with_token(&login.text_at("/accessToken"));
    let logout = || caller.send(caller.request(reqwest::Method::POST, "/api/v1/auth/logout"));
    let _ = logout().await.expect(204);
    let _ = caller.get("/api/v1/auth/me").await.expect(401);
    let _ = logout().await.expect(401);

    let body = serde_json::json!({"refreshToken": login.text_at("/refreshToken")});
    let refresh = world.anon().post("/api/v1/auth/refresh", body).await;
    refresh.expect_problem(401, "auth.refresh_token_invalid");
    let _ = world.with_token(&other.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);

    let event = world.event("session.revoked").await;
    assert_eq!(event["reason"], "LOGOUT");
    assert_eq!(event["sessionId"], login.json["sessionId"]);
    assert!(event["accessExpiresAt"].is_string());
}

#[tokio::test]
async fn sessions_are_listed_newest_first_in_pages() {
    let world = World::start().await;
    world.session("ada@example.org").await;
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
    let newest = world.login("ada@example.org", PASSWORD).await.expect(200);
    let caller = world.with_token(&newest.text_at("/accessToken"));

    let page = caller.get(&format!("{SESSIONS}?limit=2")).await.expect(200);
    let data = page.json["data"].as_array().unwrap();
    assert_eq!(data.len(), 2);
    assert_eq!(data[0]["id"], newest.json["sessionId"]);
    assert_eq!((&data[0]["current"], &data[1]["current"]), (&true.into(), &false.into()));
    let rest =
        caller.get(&format!("{SESSIONS}?limit=2&cursor={}", page.text_at("/nextCursor"))).await.expect(200);
    assert_eq!(rest.json["data"].as_array().unwrap().len(), 1);
    assert!(rest.json["nextCursor"].is_null());
    caller.get(&format!("{SESSIONS}?limit=0")).await.expect(400);
    caller.get(&format!("{SESSIONS}?cursor=made-up")).await.expect(400);
}

#[tokio::test]
async fn a_session_can_be_ended_from_another() {
    let world = World::start().await;
    let lost = world.session("ada@example.org").await;
    let login = world.login("ada@example.org", PASSWORD).await.expect(200);
    let caller = world.with_token(&login.text_at("/accessToken"));
    let path = format!("{SESSIONS}/{}", lost.text_at("/sessionId"));
    let _ = caller.delete(&path).await.expect(204);
    let _ = caller.delete(&path).await.expect(404);
    let _ = world.with_token(&lost.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(401);
    assert_eq!(world.event("session.revoked").await["reason"], "USER_REVOKED");
}

#[tokio::test]
async fn somebody_elses_session_does_not_exist() {
    let world = World::start().await;
    let ada = world.session("ada@example.org").await;
    let eve = world.session("eve@example.org").await;
    let caller = world.with_token(&eve.text_at("/accessToken"));
    let _ = caller.delete(&format!("{SESSIONS}/{}", ada.text_at("/sessionId"))).await.expect(404);
    let _ = caller.delete(&format!("{SESSIONS}/usr_01h455vb4pex5vsknk084sn02q")).await.expect(404);
    let list = caller.get(SESSIONS).await.expect(200);
    assert_eq!(list.json["data"].as_array().unwrap().len(), 1);
    let _ = world.with_token(&ada.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);
    assert_eq!(world.count("sessions WHERE revoked_at IS NOT NULL").await, 0);
}

#[tokio::test]
async fn nobody_without_a_token_gets_in() {
    let world = World::start().await;
    for caller in [world.anon(), world.with_token("x.y.z")] {
        let answer = caller.get(SESSIONS).await.expect(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        let _ = caller.send(caller.request(reqwest::Method::POST, "/api/v1/auth/logout")).await.expect(401);
        let _ = caller.delete(&format!("{SESSIONS}/x")).await.expect(401);
    }
}

#[tokio::test]
async fn an_eleventh_session_ends_the_one_that_was_used_longest_ago() {
    let world = World::start().await;
    let oldest = world.session("ada@example.org").await;
    world.time.advance(std::time::Duration::from_secs(1));
    let kept = world.login("ada@example.org", PASSWORD).await.expect(200);
    for _ in 0..9 {
        world.time.advance(std::time::Duration::from_secs(1));
        let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
    }
    let me = async |session: &witan_testkit::Answer| {
        world.with_token(&session.text_at("/accessToken")).get("/api/v1/auth/me").await
    };
    me(&oldest).await.expect_problem(401, "access.session_ended");
    let _ = me(&kept).await.expect(200);
    assert_eq!(world.event("session.revoked").await["reason"], "TOO_MANY");
    assert_eq!(world.count("sessions WHERE revoked_at IS NULL").await, 10);
}
