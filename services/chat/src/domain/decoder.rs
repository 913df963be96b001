//! Turns the bytes of a persona's answer into text, as they come: server-sent events, JSON lines (n8n's streaming),
//! one JSON document, or plain text.

use serde_json::Value;

use super::answer_text;
use super::sse::{SseItem, SseLines};

/// One line, or one JSON document, at most.
const MAX_BUFFER: usize = 512 * 1024;

/// What came out of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// The other side says that it is done; what follows does not matter.
    End,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("the persona reported a failure")]
    Reported,
    #[error("the answer is not text")]
    NotText,
    #[error("a line of the answer is too long")]
    TooLong,
    #[error("the answer has no text in it")]
    Empty,
}

enum Mode {
    Sse(SseLines),
    JsonLines,
    /// `application/json`, which n8n also says when it streams lines: the first line decides.
    Json,
    Text,
}

/// Feed it with [`Decoder::push`], end it with [`Decoder::finish`].
pub(crate) struct Decoder {
    mode: Mode,
    buffer: Vec<u8>,
    any_text: bool,
}

impl Decoder {
    pub(crate) fn new(content_type: Option<&str>) -> Self {
        let media = content_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let mode = match media.as_str() {
            "text/event-stream" => Mode::Sse(SseLines::default()),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/stream+json" => Mode::JsonLines,
            "application/json" => Mode::Json,
            _ => Mode::Text,
        };
        Self { mode, buffer: Vec::new(), any_text: false }
    }

    /// Adds what comes out of `bytes` to `pieces`; what came before an error is there too.
    pub(crate) fn push(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) -> Result<(), DecodeError> {
        self.buffer.extend_from_slice(bytes);
        let decoded = self.decode(pieces);
        self.note(pieces);
        decoded
    }

    fn decode(&mut self, pieces: &mut Vec<Piece>) -> Result<(), DecodeError> {
        if matches!(self.mode, Mode::Text) {
            self.take_text(pieces)?;
        } else {
            while let Some(line) = self.next_line()? {
                self.take_line(&line, pieces)?;
            }
        }
        if self.buffer.len() > MAX_BUFFER { Err(DecodeError::TooLong) } else { Ok(()) }
    }

    /// What was left over when the other side closed.
    pub(crate) fn finish(mut self) -> Result<Vec<Piece>, DecodeError> {
        let rest = String::from_utf8(std::mem::take(&mut self.buffer)).map_err(|_| DecodeError::NotText)?;
        let mut pieces = Vec::new();
        match &mut self.mode {
            Mode::Text if !rest.is_empty() => pieces.push(Piece::Text(rest)),
            Mode::Text => {}
            Mode::Json => pieces.extend(whole_document(&rest)?),
            Mode::JsonLines => self.take_line(rest.trim(), &mut pieces)?,
            Mode::Sse(lines) => {
                let last = lines.line(rest.trim_end()).or_else(|| lines.complete());
                pieces.extend(last.map(interpret).transpose()?.flatten());
            }
        }
        self.note(&pieces);
        if self.any_text { Ok(pieces) } else { Err(DecodeError::Empty) }
    }

    fn note(&mut self, pieces: &[Piece]) {
        self.any_text |=
            pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if !text.trim().is_empty()));
    }

    /// Everything up to the last whole character: a chunk may end inside one.
    fn take_text(&mut self, pieces: &mut Vec<Piece>) -> Result<(), DecodeError> {
        let valid = match std::str::from_utf8(&self.buffer) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(DecodeError::NotText),
        };
        let rest = self.buffer.split_off(valid);
        let text =
            String::from_utf8(std::mem::replace(&mut self.buffer, rest)).map_err(|_| DecodeError::NotText)?;
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(())
    }

    /// The next whole line. A JSON document that is not lines stays in the buffer until the end.
    fn next_line(&mut self) -> Result<Option<String>, DecodeError> {
        let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let line = std::str::from_utf8(&self.buffer[..end]).map_err(|_| DecodeError::NotText)?;
        let line = line.trim_end_matches('\r').to_owned();
        if matches!(self.mode, Mode::Json) {
            if !is_stream_line(&line) {
                return Ok(None);
            }
            self.mode = Mode::JsonLines;
        }
        self.buffer.drain(..=end);
        Ok(Some(line))
    }

    fn take_line(&mut self, line: &str, pieces: &mut Vec<Piece>) -> Result<(), DecodeError> {
        match &mut self.mode {
            Mode::Sse(lines) => pieces.extend(lines.line(line).map(interpret).transpose()?.flatten()),
            _ if line.trim().is_empty() => {}
            _ => pieces.extend(json_line(line)?),
        }
        Ok(())
    }
}

/// n8n frames each node's output with `begin` and `end`, so neither is the end of the answer.
fn is_stream_line(line: &str) -> bool {
    let kind = serde_json::from_str::<Value>(line)
        .ok()
        .and_then(|value| Some(value.get("type")?.as_str()?.to_owned()));
    matches!(kind.as_deref(), Some("begin" | "item" | "end" | "error"))
}

fn json_line(line: &str) -> Result<Option<Piece>, DecodeError> {
    let Ok(value) = serde_json::from_str::<Value>(line) else { return Err(DecodeError::NotText) };
    match value.get("type").and_then(Value::as_str) {
        Some("error") => Err(DecodeError::Reported),
        Some("begin" | "end") => Ok(None),
        _ => Ok(answer_text::find(&value).map(|text| Piece::Text(text.to_owned()))),
    }
}

fn whole_document(text: &str) -> Result<Option<Piece>, DecodeError> {
    if is_stream_line(text) {
        return json_line(text);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| DecodeError::NotText)?;
    Ok(answer_text::find(&value).map(|text| Piece::Text(text.to_owned())))
}

fn interpret(item: SseItem) -> Result<Option<Piece>, DecodeError> {
    match item.event.as_deref() {
        Some("error") => return Err(DecodeError::Reported),
        // What comes with it repeats the whole answer.
        Some("done" | "end" | "complete") => return Ok(Some(Piece::End)),
        Some("start" | "heartbeat" | "ping") => return Ok(None),
        _ => {}
    }
    if item.data.trim() == "[DONE]" {
        return Ok(Some(Piece::End));
    }
    match serde_json::from_str::<Value>(&item.data) {
        Ok(value @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => {
            Ok(answer_text::find(&value).map(|text| Piece::Text(text.to_owned())))
        }
        _ => Ok(Some(Piece::Text(item.data))),
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
