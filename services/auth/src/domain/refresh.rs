//! Which refresh tokens of a session are still good.
//!
//! A session counts its refresh tokens; the row keeps the number of the newest and when the ones before it were
//! spent. Showing the newest spends it and makes the next one. Showing a spent one is told apart:
//!
//! - within the *grace* after it was spent: another tab refreshed at the same moment. It gets the newest token, so
//!   all tabs converge on one;
//! - the one just before the newest, within the *parent window*, while the newest was never used: the answer
//!   that carried the newest was lost. It gets the newest;
//! - anything else: somebody kept a copy. The session ends (RFC 9700 §4.14.2).
//!
//! Nothing is rotated in the first two cases, so there is never more than one usable successor.

use chrono::{DateTime, TimeDelta, Utc};

/// How many spent tokens are remembered. An older one counts as reuse even within the grace; no client
/// refreshes this often in ten seconds.
pub const REMEMBERED: usize = 16;

/// How long spent tokens are forgiven.
#[derive(Debug, Clone, Copy)]
pub struct RefreshRules {
    /// After a token was spent, whoever shows it.
    pub grace: TimeDelta,
    /// After the parent of a never-used token was spent.
    pub parent_window: TimeDelta,
}

impl Default for RefreshRules {
    fn default() -> Self {
        Self { grace: TimeDelta::seconds(10), parent_window: TimeDelta::seconds(60) }
    }
}

/// The refresh tokens of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshChain {
    /// Number of the newest token.
    pub counter: i64,
    /// When the tokens before it were spent, newest first, at most [`REMEMBERED`].
    pub spent: Vec<DateTime<Utc>>,
}

/// What to do with a presented token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the newest: spend it.
    Rotate,
    /// It is spent, and the caller is honest: give the newest without rotating.
    Repeat,
    /// It is spent, and somebody else has it: end the session.
    Reuse,
    /// It was never issued, although its seal is right: a database restored to an earlier state.
    Unknown,
}

impl RefreshChain {
    /// A new session's chain, whose first token is number 0.
    pub fn start() -> Self {
        Self { counter: 0, spent: Vec::new() }
    }

    /// Judges the token numbered `presented`.
    pub fn judge(&self, presented: i64, now: DateTime<Utc>, rules: &RefreshRules) -> Verdict {
        if presented == self.counter {
            return Verdict::Rotate;
        }
        let Ok(age) = usize::try_from(self.counter - 1 - presented) else {
            return Verdict::Unknown;
        };
        let Some(since) = self.spent.get(age).map(|spent| now - spent) else {
            return Verdict::Reuse;
        };
        let in_grace = since <= rules.grace;
        let answer_was_lost = age == 0 && since <= rules.parent_window;
        if in_grace || answer_was_lost { Verdict::Repeat } else { Verdict::Reuse }
    }

    /// The chain after its newest token was spent. The store does the same in one conditional UPDATE.
    #[must_use]
    pub fn rotate(&self, now: DateTime<Utc>) -> Self {
        let spent = std::iter::once(now).chain(self.spent.iter().copied()).take(REMEMBERED).collect();
        Self { counter: self.counter + 1, spent }
    }
}

#[cfg(test)]
mod tests;
