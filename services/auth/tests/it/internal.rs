use crate::world::World;

#[tokio::test]
async fn only_services_see_the_internal_api() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    for path in ["/internal/jwks", "/internal/revocations", "/internal/issuers"] {
        let _ = world.internal_anon().get(path).await.expect(401);
        let person = world.internal_anon().with_token(login.text_at("/accessToken"));
        person.get(path).await.expect(401);
        let _ = world.internal().get(path).await.expect(200);
        let _ = world.anon().get(path).await.expect(404);
    }
}

#[tokio::test]
async fn revoked_sessions_are_listed_until_their_tokens_end() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    let list = async || world.internal().get("/internal/revocations").await.expect(200).json.clone();
    assert_eq!(list().await, serde_json::json!([]));
    let caller = world.with_token(&login.text_at("/accessToken"));
    let _ = caller.send(caller.request(reqwest::Method::POST, "/api/v1/auth/logout")).await.expect(204);
    let revoked = list().await;
    assert_eq!(revoked[0]["sessionId"], login.json["sessionId"]);
    world.time.advance(std::time::Duration::from_secs(15 * 60));
    assert_eq!(list().await, serde_json::json!([]));
}
