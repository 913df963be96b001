//! Reading a stream, truthfully: it ended well only if the model said why it stopped. A connection that closes before,
//! an error object in the middle, an event that is not JSON: each is an error, whatever had come until then.

use std::time::Duration;

use futures_util::stream;
use tokio::time::{Instant, timeout_at};
use witan_egress::{EgressError, Streaming};

use super::sse::{Events, Fault};
use super::{Dialect, Step, Sum, fault};
use crate::config::Limits;
use crate::{ChatEvent, ChatStream, LlmError, Message};

/// How long a provider that has said why the model stopped may take to tell the usage and hang up.
const AFTERWARDS: Duration = Duration::from_secs(2);

pub(super) fn stream(
    answer: Streaming,
    dialect: &'static dyn Dialect,
    sum: Sum,
    messages: Vec<Message>,
    began: Instant,
    limits: Limits,
) -> ChatStream {
    let reader = Reader { events: Events::new(answer), dialect, sum, messages, began, limits, end: false };
    ChatStream::new(stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((event, reader))
    }))
}

struct Reader {
    events: Events,
    dialect: &'static dyn Dialect,
    sum: Sum,
    messages: Vec<Message>,
    began: Instant,
    limits: Limits,
    end: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Result<ChatEvent, LlmError>> {
        if self.end {
            return None;
        }
        let event = loop {
            let data = match self.data().await {
                Ok(Some(data)) => data,
                Ok(None) => break self.finish(),
                Err(error) => break Err(error),
            };
            match self.dialect.event(&data, &mut self.sum) {
                Ok(Step::Nothing) => {}
                Ok(Step::Text(text)) => {
                    self.sum.first.get_or_insert_with(|| self.began.elapsed());
                    return Some(Ok(ChatEvent::Text(text)));
                }
                Ok(Step::End) => break self.finish(),
                Err(error) => break Err(error),
            }
        };
        self.end = true;
        Some(event)
    }

    /// The next event's data; none where the stream is over. Once the model has said why it stopped, whatever ends the
    /// connection is the end.
    async fn data(&mut self) -> Result<Option<String>, LlmError> {
        let stopped = self.sum.finish_reason.is_some();
        // Silence is the absence of bytes: a provider that only says that it still works breaks it. The first words must
        // come in their time all the same.
        let first = self.sum.first.is_none().then(|| self.began + self.limits.first_token);
        loop {
            let until = match first {
                _ if stopped => Instant::now() + AFTERWARDS,
                Some(first) => first,
                None => Instant::now() + self.limits.idle,
            };
            match timeout_at(until, self.events.next()).await {
                Ok(Some(Ok(Some(data)))) => return Ok(Some(data)),
                Ok(Some(Ok(None))) => {}
                Ok(None) => return Ok(None),
                _ if stopped => return Ok(None),
                Ok(Some(Err(fault))) => return Err(self.broken(fault)),
                Err(_) => return Err(LlmError::Timeout),
            }
        }
    }

    fn finish(&mut self) -> Result<ChatEvent, LlmError> {
        self.sum.finish(&self.messages, self.began).map(ChatEvent::Done)
    }

    fn broken(&self, fault: Fault) -> LlmError {
        match fault {
            Fault::Connection(EgressError::Broken(_)) => {
                LlmError::BrokenStream { received: self.sum.text.len() }
            }
            Fault::Connection(error) => fault::of_egress(error),
            Fault::TooLarge => LlmError::Malformed("an event is too large".to_owned()),
            Fault::Utf8 => LlmError::Malformed("an event is not UTF-8".to_owned()),
        }
    }
}
