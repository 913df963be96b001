use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt};

use crate::{Completion, LlmError};

type Events = Pin<Box<dyn Stream<Item = Result<ChatEvent, LlmError>> + Send>>;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// The next words.
    Text(String),
    /// The end, with the whole answer and what it took. Nothing follows.
    Done(Completion),
}

/// An answer as it comes: texts, then exactly one [`ChatEvent::Done`] or one error. Dropping it gives the call up.
pub struct ChatStream(Events);

impl ChatStream {
    /// Makes one of events that end as promised.
    pub fn new(events: impl Stream<Item = Result<ChatEvent, LlmError>> + Send + 'static) -> Self {
        Self(Box::pin(events))
    }

    /// The next event; none after the end.
    pub async fn next(&mut self) -> Option<Result<ChatEvent, LlmError>> {
        self.0.next().await
    }

    /// Reads it to its end.
    ///
    /// # Errors
    /// The stream's.
    pub async fn collect(mut self) -> Result<Completion, LlmError> {
        let mut received = 0;
        while let Some(event) = self.next().await {
            match event? {
                ChatEvent::Text(text) => received += text.len(),
                ChatEvent::Done(completion) => return Ok(completion),
            }
        }
        Err(LlmError::BrokenStream { received })
    }
}

impl Stream for ChatStream {
    type Item = Result<ChatEvent, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChatStream")
    }
}
