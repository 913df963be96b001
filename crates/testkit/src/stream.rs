use reqwest::Response;
use serde_json::Value;

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamEvent {
    /// Its `id`.
    pub id: String,
    /// Its `event`; empty where none is named.
    pub event: String,
    /// Its `data`, where it is JSON; else null.
    pub data: Value,
}

/// A `text/event-stream` answer, read event by event.
pub struct EventStream {
    response: Response,
    buffer: Vec<u8>,
    /// Comments seen so far: the first one and the heartbeats.
    pub comments: usize,
}

impl EventStream {
    /// Reads an answer that is one.
    ///
    /// # Panics
    /// When it is something else.
    pub async fn of(response: Response) -> Self {
        let kind = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            panic!(
                "no event stream but {}: {}",
                response.status(),
                response.text().await.unwrap_or_default()
            );
        }
        Self { response, buffer: Vec::new(), comments: 0 }
    }

    /// The next event, or `None` at the end of the stream.
    ///
    /// # Panics
    /// When the stream breaks off.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            while let Some(block) = self.take_block() {
                if let Some(event) = self.parse(&block) {
                    return Some(event);
                }
            }
            let bytes = self.response.chunk().await.expect("the stream breaks off")?;
            self.buffer.extend_from_slice(&bytes);
        }
    }

    /// All events until the end.
    pub async fn all(mut self) -> Vec<StreamEvent> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    fn take_block(&mut self) -> Option<String> {
        let end = self.buffer.windows(2).position(|pair| pair == b"\n\n")?;
        let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
        Some(String::from_utf8_lossy(&block).into_owned())
    }

    fn parse(&mut self, block: &str) -> Option<StreamEvent> {
        let mut event = StreamEvent::default();
        let mut data = Vec::new();
        for line in block.lines() {
            match line.split_once(':').map(|(name, value)| (name, value.trim_start())) {
                Some(("", _)) => self.comments += 1,
                Some(("id", value)) => value.clone_into(&mut event.id),
                Some(("event", value)) => value.clone_into(&mut event.event),
                Some(("data", value)) => data.push(value),
                _ => {}
            }
        }
        event.data = serde_json::from_str(&data.join("\n")).unwrap_or_default();
        (!event.event.is_empty() || !data.is_empty()).then_some(event)
    }
}
