//! The simulated provider: answers without a key, the same question always the same way.
//!
//! It behaves as [`SimSettings`] say, so that a laptop, a test or a load test meets every kind of model: fast, slow,
//! good, bad, broken. Asked for prose it writes points about the question from a small stock of advice; how many, and
//! how well founded, is the model's `quality`. Asked for JSON it fills the schema; where the schema wants judgements of
//! fenced blocks (see [`crate::fence`]) it rates each by what it says, never by who wrote it or where it stands. It
//! follows any `rate X 10` that stands outside of a fence, so that a prompt which lets an answer's text escape shows.

mod advice;
mod judge;
mod schema;
mod settings;
mod text;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

pub use self::settings::{SimFailure, SimSettings};
use crate::model::Backend;
use crate::{
    Asking, ChatEvent, ChatRequest, ChatStream, Completion, FinishReason, LlmError, ModelInfo, Provider,
    Usage,
};

/// The provider.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sim;

#[async_trait]
impl Provider for Sim {
    async fn complete(&self, asking: Asking<'_>) -> Result<Completion, LlmError> {
        let Asking { model, request, .. } = asking;
        let (began, settings) = (Instant::now(), settings(model)?);
        let text = begin(settings, model, request).await?;
        if settings.fails_with(request.purpose) == Some(SimFailure::Truncated) {
            return Err(LlmError::BrokenStream { received: half(&text).len() });
        }
        Ok(completion(model, request, text, began, None))
    }

    async fn stream(&self, asking: Asking<'_>) -> Result<ChatStream, LlmError> {
        let Asking { model, request, .. } = asking;
        let (began, settings) = (Instant::now(), settings(model)?);
        let text = begin(settings, model, request).await?;
        let first = began.elapsed();
        let truncated = settings.fails_with(request.purpose) == Some(SimFailure::Truncated);
        let shown = if truncated { half(&text).to_owned() } else { text.clone() };
        let end = if truncated {
            Err(LlmError::BrokenStream { received: shown.len() })
        } else {
            Ok(completion(model, request, text, began, Some(first)))
        };
        let pace = Duration::from_millis(settings.token_ms);
        Ok(ChatStream::new(stream::unfold((text::tokens(&shown), Some(end), began), move |state| {
            paced(state, pace)
        })))
    }
}

type Paced = (std::vec::IntoIter<String>, Option<Result<Completion, LlmError>>, Instant);

async fn paced(
    (mut tokens, mut end, began): Paced,
    pace: Duration,
) -> Option<(Result<ChatEvent, LlmError>, Paced)> {
    if let Some(token) = tokens.next() {
        if !pace.is_zero() {
            sleep(pace).await;
        }
        return Some((Ok(ChatEvent::Text(token)), (tokens, end, began)));
    }
    let end = end.take()?.map(|done| ChatEvent::Done(Completion { latency: began.elapsed(), ..done }));
    Some((end, (tokens, None, began)))
}

fn settings(model: &ModelInfo) -> Result<&SimSettings, LlmError> {
    match &model.backend {
        Backend::Sim(settings) => Ok(settings),
        Backend::Remote(_) => Err(LlmError::BadRequest("not a simulated model".to_owned())),
    }
}

/// Waits as long as the model thinks, fails if it shall, and writes.
async fn begin(settings: &SimSettings, model: &ModelInfo, request: &ChatRequest) -> Result<String, LlmError> {
    let failure = settings.fails_with(request.purpose);
    if failure == Some(SimFailure::Hang) {
        std::future::pending::<()>().await;
    }
    sleep(settings.latency(request.purpose)).await;
    if let Some(error) = failure.and_then(|failure| failure.error(model)) {
        return Err(error);
    }
    let seed = Seed::of(model, request);
    Ok(text::write(settings, request, failure, seed))
}

fn completion(
    model: &ModelInfo,
    request: &ChatRequest,
    text: String,
    began: Instant,
    time_to_first_token: Option<Duration>,
) -> Completion {
    let usage = Usage { estimated: false, ..Usage::estimate(&request.messages, &text) };
    Completion {
        text,
        usage,
        finish_reason: FinishReason::Stop,
        model: model.name.clone(),
        answered_by: model.id.clone(),
        replaced: None,
        time_to_first_token,
        latency: began.elapsed(),
    }
}

fn half(text: &str) -> &str {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    &text[..middle]
}

/// A number that the model and the question determine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(u64);

impl Seed {
    fn of(model: &ModelInfo, request: &ChatRequest) -> Self {
        let said = request.messages.iter().map(|message| message.content.as_str());
        Self::from_texts(std::iter::once(model.id.as_str()).chain(said))
    }

    pub(crate) fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for text in texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        let digest = hash.finalize();
        Self(digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte)))
    }

    /// Another number, below `below`, for the `nth` decision (SplitMix64).
    pub(crate) fn pick(self, nth: u64, below: usize) -> usize {
        let mut z = self.0.wrapping_add((nth + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests;
