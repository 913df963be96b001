//! The limit: a client that posts signed bodies as fast as it can and remembers nothing.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use witan_egress::SigningSecret;

use super::receiver::Receiver;

/// As many at once as the service has for one process.
const AT_ONCE: usize = 64;

/// Posts a second.
pub(super) async fn rate(receiver: &Receiver, lasts: Duration) -> Result<f64> {
    let client = client()?;
    let secret = SigningSecret::from_bytes(SECRET.to_vec());
    let url = receiver.url("/ok");
    let begun = Instant::now();
    let callers = (0..AT_ONCE).map(|caller| {
        let (client, url, secret) = (client.clone(), url.clone(), secret.clone());
        async move {
            let mut done = 0_usize;
            while begun.elapsed() < lasts {
                let id = format!("evt_{caller}_{done}");
                let body =
                    json!({ "id": id, "type": "startup.created", "data": { "name": "Analytical Engines" } });
                let body = body.to_string();
                let mut headers = HeaderMap::new();
                headers.insert("content-type", HeaderValue::from_static("application/json"));
                witan_egress::sign(
                    &mut headers,
                    std::slice::from_ref(&secret),
                    &id,
                    1_800_000_000,
                    body.as_bytes(),
                );
                let answer = client.post(&url).headers(headers).body(body).send().await?;
                ensure!(answer.status() == 204, "{url}: {}", answer.status());
                done += 1;
            }
            Ok(done)
        }
    });
    let done: usize = try_join_all(callers).await?.into_iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

const SECRET: &[u8] = b"a secret of twenty-four bytes and more";

#[expect(clippy::disallowed_methods, reason = "talks to what is measured")]
fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}
