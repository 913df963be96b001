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
