//! Server-sent events, read to the end of the stream.

use anyhow::Result;
use futures_util::StreamExt;
use reqwest::Response;
use serde_json::Value;

/// One event of a stream.
pub(crate) struct Event {
    /// Its name; empty where it has none.
    pub(crate) name: String,
    /// Its data; null where that is not JSON.
    pub(crate) data: Value,
    /// The data as it came.
    pub(crate) text: String,
}

/// Every event of the answer, without comments.
pub(crate) async fn events(response: Response) -> Result<Vec<Event>> {
    let mut raw = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        raw.extend_from_slice(&chunk?);
    }
    Ok(String::from_utf8(raw)?.split("\n\n").filter_map(parse).collect())
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let text = field("data:")?.to_owned();
    let data = serde_json::from_str(&text).unwrap_or_default();
    Some(Event { name: field("event:").unwrap_or_default().to_owned(), data, text })
}
