//! Reads the development outbox as a person reads their mail.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for the newest mail to `address` whose template is `kind`, and gives the token its link carries.
pub(crate) async fn token(outbox: &Path, address: &str, kind: &str) -> Result<String> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < deadline {
        if let Some(token) = find(outbox, address, kind)? {
            return Ok(token);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("no '{kind}' mail to {address} arrived in {} within {PATIENCE:?}", outbox.display())
}

fn find(outbox: &Path, address: &str, kind: &str) -> Result<Option<String>> {
    let Ok(files) = std::fs::read_dir(outbox) else {
        return Ok(None);
    };
    for file in files {
        let path = file?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        // A file that is being written is not JSON yet; the next round reads it.
        let Ok(mail) = serde_json::from_slice::<Value>(&std::fs::read(&path)?) else {
            continue;
        };
        if mail["to"] == address && mail["kind"] == kind {
            let token = mail["token"].as_str().with_context(|| format!("{} has no token", path.display()))?;
            return Ok(Some(token.to_owned()));
        }
    }
    Ok(None)
}
