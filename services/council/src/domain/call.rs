//! Which call to a model is meant, and what came of it.

use std::fmt;
use std::str::FromStr;

use super::outcome::Spent;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallStage {
    /// A summary of what was said long ago in the session.
    Summary,
    /// A member's own answer.
    Answer,
    /// A member's review of all answers.
    Critique,
    /// A chair's synthesis.
    Chair,
}

/// A call of a run: the same in every attempt to carry the run, so that its result is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKey {
    /// What it is for.
    pub stage: CallStage,
    /// The seat of the member, or the place of the chair, from 0 on.
    pub nth: usize,
    /// Whether the model's fallback is asked, because the model could not answer.
    pub fallback: bool,
    /// Whether it is asked once more, because the first answer could not be used.
    pub repair: bool,
}

impl CallKey {
    /// The summary of the session.
    pub fn summary() -> Self {
        Self::first(CallStage::Summary, 0)
    }

    /// The answer of a seat.
    pub fn answer(seat: usize) -> Self {
        Self::first(CallStage::Answer, seat)
    }

    /// The review by a seat.
    pub fn critique(seat: usize) -> Self {
        Self::first(CallStage::Critique, seat)
    }

    /// The synthesis of the chair that is tried at this place.
    pub fn chair(nth: usize) -> Self {
        Self::first(CallStage::Chair, nth)
    }

    fn first(stage: CallStage, nth: usize) -> Self {
        Self { stage, nth, fallback: false, repair: false }
    }

    /// The same by the model's fallback.
    #[must_use]
    pub fn fallback(self) -> Self {
        Self { fallback: true, ..self }
    }

    /// The same once more, to be mended.
    #[must_use]
    pub fn repair(self) -> Self {
        Self { repair: true, ..self }
    }
}

/// As stored: `answer/3/fallback`, with seats from 1 on.
impl fmt::Display for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            CallStage::Summary => "summary",
            CallStage::Answer => "answer",
            CallStage::Critique => "critique",
            CallStage::Chair => "chair",
        };
        let fallback = if self.fallback { "/fallback" } else { "" };
        let repair = if self.repair { "/repair" } else { "" };
        write!(f, "{stage}/{}{fallback}{repair}", self.nth + 1)
    }
}

impl FromStr for CallKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a stage, a number from 1 on, then fallback, repair, both or nothing";
        let mut parts = text.split('/');
        let stage = match parts.next() {
            Some("summary") => CallStage::Summary,
            Some("answer") => CallStage::Answer,
            Some("critique") => CallStage::Critique,
            Some("chair") => CallStage::Chair,
            _ => return Err(WRONG),
        };
        let place = parts.next().and_then(|nth| nth.parse::<usize>().ok()?.checked_sub(1));
        let first = Self::first(stage, place.ok_or(WRONG)?);
        match (parts.next(), parts.next(), parts.next()) {
            (None, None, None) => Ok(first),
            (Some("fallback"), None, None) => Ok(first.fallback()),
            (Some("repair"), None, None) => Ok(first.repair()),
            (Some("fallback"), Some("repair"), None) => Ok(first.fallback().repair()),
            _ => Err(WRONG),
        }
    }
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The text, or the JSON as text.
    pub text: String,
    /// The model that answered, as the provider names it.
    pub by: String,
}

/// How a call ended: with an answer, or with the reason as a word; and what it took, also when it failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    /// The answer, or why there is none.
    pub outcome: Result<Reply, String>,
    /// What it took.
    pub spent: Spent,
}

impl Called {
    /// The reason of a call that was given up by whoever made it: it says nothing of the model, and is made again when
    /// the run goes on.
    pub const CANCELLED: &'static str = "cancelled";

    /// Whether it was given up.
    pub fn is_cancelled(&self) -> bool {
        self.outcome.as_ref().is_err_and(|reason| reason == Self::CANCELLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (key, text) in [
            (CallKey::summary(), "summary/1"),
            (CallKey::answer(0), "answer/1"),
            (CallKey::answer(2).fallback(), "answer/3/fallback"),
            (CallKey::answer(2).fallback().repair(), "answer/3/fallback/repair"),
            (CallKey::critique(1).repair(), "critique/2/repair"),
            (CallKey::chair(0), "chair/1"),
        ] {
            assert_eq!(key.to_string(), text);
            assert_eq!(text.parse(), Ok(key));
        }
        for wrong in
            ["", "answer", "answer/0", "answer/x", "answer/1/again", "answer/1/repair/fallback", "guess/1"]
        {
            assert!(wrong.parse::<CallKey>().is_err(), "{wrong}");
        }
    }
}
