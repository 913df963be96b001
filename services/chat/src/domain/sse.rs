//! The parts of server-sent events that a persona's answer needs: names and data.

/// One event of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SseItem {
    pub(crate) event: Option<String>,
    pub(crate) data: String,
}

/// Collects lines into events (WHATWG HTML §9.2.6). Comments, ids and retry times mean nothing here.
#[derive(Debug, Default)]
pub(crate) struct SseLines {
    event: Option<String>,
    data: Vec<String>,
}

impl SseLines {
    /// Takes one line without its end; an empty one completes an event.
    pub(crate) fn line(&mut self, line: &str) -> Option<SseItem> {
        if line.is_empty() {
            return self.complete();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.data.push(value.to_owned()),
            "event" => self.event = Some(value.to_owned()),
            _ => {}
        }
        None
    }

    /// At the end of the stream an unfinished event still counts: many servers forget the last empty line.
    pub(crate) fn complete(&mut self) -> Option<SseItem> {
        let (event, data) = (self.event.take(), std::mem::take(&mut self.data));
        (!data.is_empty() || event.is_some()).then(|| SseItem { event, data: data.join("\n") })
    }
}
