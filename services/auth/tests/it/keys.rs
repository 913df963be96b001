use crate::world::World;

#[tokio::test]
async fn the_keys_are_public_and_cacheable() {
    let world = World::start().await;
    let answer = world.anon().get("/.well-known/jwks.json").await.expect(200);
    assert!(answer.header("cache-control").starts_with("public, max-age="));
    let keys = answer.json["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1, "the key of refresh tokens is not among them");
    assert_eq!((&keys[0]["kty"], &keys[0]["alg"]), (&"RSA".into(), &"RS256".into()));
    assert!(keys[0].get("d").is_none());
}

#[tokio::test]
async fn the_discovery_document_leads_to_the_keys() {
    let world = World::start().await;
    let answer = world.anon().get("/.well-known/openid-configuration").await.expect(200);
    let issuer = answer.text_at("/issuer");
    assert_eq!(answer.text_at("/jwks_uri"), format!("{issuer}/.well-known/jwks.json"));
    let login = world.session("ada@example.org").await;
    assert_eq!(world.verify(&login.text_at("/accessToken")).await.1.iss, issuer);
}

#[tokio::test]
async fn private_keys_are_encrypted_at_rest() {
    let world = World::start().await;
    assert_eq!(world.count("signing_keys WHERE state = 'ACTIVE'").await, 2);
    // PKCS#8 of an RSA key names the algorithm by this object identifier, 1.2.840.113549.1.1.1.
    let plain = r"signing_keys WHERE position('\x2a864886f70d010101'::bytea IN secret) > 0";
    assert_eq!(world.count(plain).await, 0);
}

#[tokio::test]
async fn replicas_and_restarts_share_the_keys() {
    let mut world = World::start().await;
    let login = world.session("ada@example.org").await;
    let replica = Box::pin(world.service.replica()).await.unwrap();
    let base = format!("http://{}/", replica.public_addr).parse().unwrap();
    let client = witan_testkit::Client::anonymous(base).with_token(login.text_at("/accessToken"));
    let _ = client.get("/api/v1/auth/me").await.expect(200);
    assert!(replica.stop().await);

    assert!(world.service.halt().await);
    Box::pin(world.service.resume()).await.unwrap();
    let _ = world.with_token(&login.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);
    let body = serde_json::json!({"refreshToken": login.text_at("/refreshToken")});
    let _ = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    assert_eq!(world.count("signing_keys").await, 2);
}

#[tokio::test]
async fn a_retiring_key_still_verifies_and_is_published() {
    let mut world = World::start().await;
    let login = world.session("ada@example.org").await;
    world.sql("UPDATE signing_keys SET state = 'RETIRING', verifies_until = '2026-08-20T10:00:00Z'").await;
    assert!(world.service.halt().await);
    Box::pin(world.service.resume()).await.unwrap();

    let _ = world.with_token(&login.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);
    let body = serde_json::json!({"refreshToken": login.text_at("/refreshToken")});
    let next = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    let keys = async || world.anon().get("/.well-known/jwks.json").await.expect(200).json["keys"].clone();
    assert_eq!(keys().await.as_array().unwrap().len(), 2);
    let (old, new) = (login.text_at("/accessToken"), next.text_at("/accessToken"));
    assert_ne!(world.verify(&old).await.0.kid, world.verify(&new).await.0.kid);

    world.time.advance(std::time::Duration::from_secs(3600));
    assert_eq!(keys().await.as_array().unwrap().len(), 1);
}
