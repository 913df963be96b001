use futures_util::stream;
use tracing::Instrument as _;
use witan_kv::Breaker;

use super::observe::Observed;
use super::{Call, verdict};
use crate::{ChatEvent, ChatStream, Completion, LlmError, ModelInfo};

/// A stream that keeps to its deadline and tells span, metrics and breaker how it ended.
pub(super) struct Watch {
    pub(super) stream: ChatStream,
    pub(super) model: ModelInfo,
    pub(super) replaced: Option<String>,
    pub(super) call: Call,
    pub(super) breaker: Option<Breaker>,
    pub(super) observed: Option<Observed>,
}

impl Watch {
    pub(super) fn into_stream(self) -> ChatStream {
        ChatStream::new(stream::unfold(self, |mut watch| async move {
            let event = watch.next().await?;
            Some((event, watch))
        }))
    }

    async fn next(&mut self) -> Option<Result<ChatEvent, LlmError>> {
        let observed = self.observed.as_mut()?;
        let stream = &mut self.stream;
        let next = async { stream.next().await.unwrap_or(Err(LlmError::BrokenStream { received: 0 })) };
        let mut event = self.call.limit(next).instrument(observed.span().clone()).await;
        match &mut event {
            Ok(ChatEvent::Text(_)) => observed.text(),
            Ok(ChatEvent::Done(completion)) => {
                completion.replaced = self.replaced.take();
                let answer = Ok(completion.clone());
                self.end(answer).await;
            }
            Err(error) => {
                let answer = Err(error.clone());
                self.end(answer).await;
            }
        }
        Some(event)
    }

    async fn end(&mut self, answer: Result<Completion, LlmError>) {
        // The connection is closed before anybody is told.
        self.stream = ChatStream::new(stream::empty());
        if let Some(observed) = self.observed.take() {
            observed.end(&self.model, &answer);
        }
        if let (Some(breaker), Some(succeeded)) = (&self.breaker, verdict(answer.as_ref().err())) {
            breaker.report(succeeded).await;
        }
    }
}
