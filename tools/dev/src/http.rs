use std::time::Duration;

use anyhow::Result;

/// A client for the servers this tool has started itself.
pub(crate) fn client(timeout: Duration) -> Result<reqwest::Client> {
    #[expect(
        clippy::disallowed_methods,
        reason = "talks to 127.0.0.1 only; a developer's tool has no egress rules"
    )]
    let builder = reqwest::Client::builder();
    Ok(builder.timeout(timeout).no_proxy().build()?)
}
