//! Server-sent events (WHATWG HTML, 9.2.6), as far as providers use them: the data of each, within a bound.
//!
//! Not `eventsource-stream`, which keeps whatever comes until an event ends, and reads all of it again with each chunk:
//! a provider that never ends one would fill the memory.

use witan_egress::{EgressError, Streaming};

/// Of one event; an answer that comes in one piece fits.
const MAX_EVENT: usize = 1024 * 1024;

/// Why no event could be read.
#[derive(Debug)]
pub(super) enum Fault {
    Connection(EgressError),
    TooLarge,
    Utf8,
}

pub(super) struct Events {
    answer: Streaming,
    lines: Lines,
}

impl Events {
    pub(super) fn new(answer: Streaming) -> Self {
        Self { answer, lines: Lines::default() }
    }

    /// The next event's data; `Some(Ok(None))` when bytes came that make none yet, `None` at the clean end. An event
    /// without the blank line behind it never was one.
    pub(super) async fn next(&mut self) -> Option<Result<Option<String>, Fault>> {
        match self.lines.event() {
            Ok(None) => {}
            event => return Some(event),
        }
        match self.answer.next().await? {
            Ok(chunk) => self.lines.take(&chunk),
            Err(error) => return Some(Err(Fault::Connection(error))),
        }
        Some(self.lines.event())
    }
}

/// Bytes that become lines, and lines that become events.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    /// Where the first line that was not read begins, and how far there is no end of it.
    start: usize,
    searched: usize,
    data: Option<String>,
}

impl Lines {
    fn take(&mut self, chunk: &[u8]) {
        self.bytes.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.bytes.extend_from_slice(chunk);
    }

    /// The next whole event's data.
    fn event(&mut self) -> Result<Option<String>, Fault> {
        while let Some(length) = self.bytes[self.searched..].iter().position(|byte| *byte == b'\n') {
            let end = self.searched + length;
            let line = &self.bytes[self.start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = std::str::from_utf8(line).map_err(|_| Fault::Utf8)?;
            (self.start, self.searched) = (end + 1, end + 1);
            if line.is_empty() {
                if let Some(data) = self.data.take() {
                    return Ok(Some(data));
                }
            } else if let Some(value) = line.strip_prefix("data:") {
                let value = value.strip_prefix(' ').unwrap_or(value);
                match &mut self.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => self.data = Some(value.to_owned()),
                }
            }
            self.bound()?;
        }
        self.searched = self.bytes.len();
        self.bound()?;
        Ok(None)
    }

    fn bound(&self) -> Result<(), Fault> {
        let unfinished = self.data.as_ref().map_or(0, String::len) + (self.searched - self.start);
        if unfinished > MAX_EVENT { Err(Fault::TooLarge) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut events = Vec::new();
        for chunk in chunks {
            lines.take(chunk);
            while let Some(event) = lines.event().unwrap() {
                events.push(event);
            }
        }
        events
    }

    #[test]
    fn events_are_found_wherever_the_bytes_are_cut() {
        let text = "event: x\r\ndata: {\"a\":\"\u{e9}\"}\r\n\r\n: ping\n\ndata:b\ndata: c\nid: 7\n\n\ndata: unfinished";
        let whole = events(&[text.as_bytes()]);
        assert_eq!(whole, ["{\"a\":\"\u{e9}\"}", "b\nc"]);
        for at in 0..text.len() {
            let (head, tail) = text.as_bytes().split_at(at);
            assert_eq!(events(&[head, tail]), whole, "cut at {at}");
        }
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&single), whole);
    }

    #[test]
    fn an_event_has_a_bound_in_one_line_and_in_many() {
        let mut lines = Lines::default();
        lines.take(b"data: ");
        let piece = [b'x'; 64 * 1024];
        let mut taken = 0;
        while lines.event().is_ok() {
            lines.take(&piece);
            taken += piece.len();
        }
        assert!((MAX_EVENT..MAX_EVENT + 2 * piece.len()).contains(&taken), "{taken}");
        let mut lines = Lines::default();
        lines.take("data: 0123456789\n".repeat(MAX_EVENT / 8).as_bytes());
        assert!(matches!(lines.event(), Err(Fault::TooLarge)));
    }

    #[test]
    fn what_is_not_utf8_is_no_event() {
        let mut lines = Lines::default();
        lines.take(b"data: \xff\n\n");
        assert!(matches!(lines.event(), Err(Fault::Utf8)));
    }
}
