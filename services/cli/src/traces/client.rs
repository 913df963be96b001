use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::span::Span;

/// The spans of one trace, from the server that keeps them.
pub(super) async fn fetch(url: &str, id: &str) -> Result<Vec<Span>> {
    #[derive(Deserialize)]
    struct Body {
        spans: Vec<Span>,
    }
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("{id:?} is no trace id: it has hexadecimal digits only");
    }
    let answer = http()?.get(format!("{}/traces/{id}", url.trim_end_matches('/'))).send().await;
    let answer = answer.with_context(|| unreachable(url))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer.json::<Body>().await.context("the traces server answered something else")?.spans);
    }
    let body: serde_json::Value = answer.json().await.unwrap_or_default();
    bail!("{}", body["message"].as_str().unwrap_or("the traces server answered an error"))
}

pub(super) fn unreachable(url: &str) -> String {
    format!("no traces server at {url}: start one with `witan traces serve`, or name it with --url")
}

pub(crate) fn http() -> Result<reqwest::Client> {
    #[expect(
        clippy::disallowed_methods,
        reason = "an operator's tool that talks to the address it was given"
    )]
    let builder = reqwest::Client::builder();
    Ok(builder.no_proxy().connect_timeout(std::time::Duration::from_secs(2)).build()?)
}
