//! Tokens of programs for internal APIs.

use reqwest::Method;
use serde_json::json;
use witan_testkit::{Answer, Client};

use crate::world::World;

const TOKEN: &str = "/api/v1/auth/service-token";
/// SHA-256 of `a secret of the reporter`.
const DIGEST: &str = "dbc78bc83685e19826ddc405688f0ad5ddf115a3f91ebdb19261faaaa5ab9782";
const SECRET: &str = "a secret of the reporter";

async fn world() -> World {
    World::start_with(|builder| {
        builder.env("AUTH_SERVICE_CLIENTS", format!("reporter:{DIGEST}:auth+billing"))
    })
    .await
}

async fn ask(world: &World, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> Answer {
    let anon = world.anon();
    let mut request = anon.request(Method::POST, TOKEN).form(form);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    anon.send(request).await
}

fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.json["error"].as_str()),
        (status, Some(error)),
        "{}",
        answer.json
    );
}

#[tokio::test]
async fn a_program_gets_a_token_and_the_internal_api_of_that_service_takes_it() {
    let world = world().await;
    let grant = ("grant_type", "client_credentials");
    let in_header = ask(&world, &[grant, ("audience", "auth")], Some(("reporter", SECRET))).await.expect(200);
    assert_eq!(
        (in_header.json["token_type"].as_str(), &in_header.json["expires_in"]),
        (Some("Bearer"), &json!(60))
    );
    assert_eq!(in_header.header("cache-control"), "no-store");
    let form = [grant, ("audience", "auth"), ("client_id", "reporter"), ("client_secret", SECRET)];
    let in_form = ask(&world, &form, None).await.expect(200);
    let other = ask(&world, &[grant, ("audience", "billing")], Some(("reporter", SECRET))).await.expect(200);
    let internal = async |answer: &Answer| -> Answer {
        let client: Client = world.internal_anon().with_token(answer.text_at("/access_token"));
        client.get("/internal/revocations").await
    };
    let _ = internal(&in_header).await.expect(200);
    let _ = internal(&in_form).await.expect(200);
    assert_eq!(internal(&other).await.status, 401, "it is for another service");
    world.time.advance(std::time::Duration::from_secs(60));
    assert_eq!(internal(&in_header).await.status, 401, "it held for a minute");
}

#[tokio::test]
async fn internal_apis_take_nothing_else() {
    let world = world().await;
    let person = world.session("ada@example.org").await;
    let person = world.internal_anon().with_token(person.text_at("/accessToken"));
    for path in ["/internal/revocations", "/internal/jwks", "/internal/api-keys?hash=00"] {
        assert_eq!(person.get(path).await.status, 401, "{path}");
        assert_eq!(world.internal_anon().get(path).await.status, 401, "{path}");
    }
    let form = [("grant_type", "client_credentials"), ("audience", "auth")];
    let token = ask(&world, &form, Some(("reporter", SECRET))).await.expect(200).text_at("/access_token");
    assert_eq!(world.with_token(&token).get("/api/v1/auth/me").await.status, 401, "nor is it a person's");
}

#[tokio::test]
async fn whoever_is_unknown_or_asks_for_too_much_gets_none() {
    let world = world().await;
    let grant = ("grant_type", "client_credentials");
    for (id, secret) in [("reporter", "wrong"), ("stranger", SECRET), ("", ""), ("reporter", DIGEST)] {
        let answer = ask(&world, &[grant, ("audience", "auth")], Some((id, secret))).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
    let known = Some(("reporter", SECRET));
    refused(&ask(&world, &[grant, ("audience", "chat")], known).await, 400, "invalid_target");
    refused(&ask(&world, &[grant], known).await, 400, "invalid_request");
    refused(&ask(&world, &[("audience", "auth")], known).await, 400, "unsupported_grant_type");
    refused(
        &ask(&world, &[("grant_type", "password"), ("audience", "auth")], known).await,
        400,
        "unsupported_grant_type",
    );
    refused(&ask(&world, &[grant, ("audience", "auth")], None).await, 400, "invalid_request");
    let both = [grant, ("audience", "auth"), ("client_id", "reporter"), ("client_secret", SECRET)];
    refused(&ask(&world, &both, known).await, 400, "invalid_request");
}
