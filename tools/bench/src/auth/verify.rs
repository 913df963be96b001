//! `verify-token` beside the verification of one RS256 signature behind a bare handler.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::world::{PASSWORD, World};
use super::{ROUNDS, bare, row};
use crate::load;

pub(super) async fn measure(world: &World) -> Result<Vec<String>> {
    let token = world.login(0, PASSWORD).await.expect(200).text_at("/accessToken");
    let keys = world.service.anon().get("/.well-known/jwks.json").await.expect(200);
    let key = keys.json["keys"].as_array().and_then(|keys| keys.first()).context("no key")?.clone();
    let address = bare::serve_verifier(serde_json::from_value(key)?)?;
    let body = json!({ "token": token }).to_string();
    let (own, bare) = (world.url("/api/v1/auth/verify-token"), format!("http://{address}/verify"));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(load::post_rate(&own, &body).await?);
        theirs.push(load::post_rate(&bare, &body).await?);
    }
    Ok(row("`POST /auth/verify-token`", ours, "RS256 verification behind a bare handler", theirs, "70 %"))
}
