use crate::world::World;

#[tokio::test]
async fn the_caller_learns_who_they_are() {
    let world = World::start().await;
    let login = world.session("Ada@example.org").await;
    let me = world.with_token(&login.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);
    assert_eq!(me.json["email"], "Ada@example.org");
    assert_eq!(me.json["name"], "Ada");
    assert_eq!(me.json["state"], "ACTIVE");
    assert_eq!(me.json["sessionId"], login.json["sessionId"]);
    assert!(me.json["defaultWorkspaceId"].is_null());
    assert!(me.json.get("passwordHash").is_none());
}

#[tokio::test]
async fn without_a_good_token_there_is_no_caller() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    let _ = world.anon().get("/api/v1/auth/me").await.expect(401);
    let token = login.text_at("/accessToken");
    let (head, _) = token.rsplit_once('.').unwrap();
    let _ = world.with_token(&format!("{head}.AAAA")).get("/api/v1/auth/me").await.expect(401);
    world.time.advance(std::time::Duration::from_secs(16 * 60));
    let _ = world.with_token(&token).get("/api/v1/auth/me").await.expect(401);
}

#[tokio::test]
async fn an_erased_account_is_nobody() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    world.sql("DELETE FROM users").await;
    let _ = world.with_token(&login.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(401);
}
