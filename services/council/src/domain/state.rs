//! The states of a run and of its seats.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunState {
    /// It waits for a process to carry it.
    Queued,
    /// Under way.
    Running,
    /// Somebody wants it to stop; whoever carries it has yet to hear of it.
    Cancelling,
    /// It was stopped; there is no answer.
    Cancelled,
    /// There is an answer.
    Succeeded,
    /// There is none; the failure says why.
    Failed,
}

/// A step that a run cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {} cannot become {}", from.as_str(), to.as_str())]
pub struct Refused {
    /// Where it is.
    pub from: RunState,
    /// Where it was to go.
    pub to: RunState,
}

impl RunState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Cancelling, Self::Cancelled, Self::Succeeded, Self::Failed];

    /// Whether it has ended, once and for all.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Cancelled | Self::Succeeded | Self::Failed)
    }

    /// Takes a step.
    ///
    /// A run that somebody wants to stop ends as cancelled and not otherwise, also when its answer was there already: who
    /// was told that it will be cancelled is not told a minute later that it succeeded.
    ///
    /// # Errors
    /// When there is no such step.
    pub fn step(self, to: Self) -> Result<Self, Refused> {
        let allowed = match self {
            Self::Queued => matches!(to, Self::Running | Self::Cancelling | Self::Cancelled | Self::Failed),
            Self::Running => matches!(to, Self::Cancelling | Self::Succeeded | Self::Failed),
            Self::Cancelling => to == Self::Cancelled,
            Self::Cancelled | Self::Succeeded | Self::Failed => false,
        };
        if allowed { Ok(to) } else { Err(Refused { from: self, to }) }
    }
}

/// How a member's seat fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SeatState {
    /// The model answered.
    Answered,
    /// Its fallback answered in its place.
    AnsweredByFallback,
    /// Nobody answered; the reason says why.
    Missing,
}

/// How a member's review fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewState {
    /// It scored every answer.
    Reviewed,
    /// It gave nothing that could be used; the reason says why.
    Abstained,
    /// It was not asked, because it had not answered either.
    NotAsked,
}

/// Text columns and enums, both ways, by their names in JSON.
macro_rules! column {
    ($name:ident { $($variant:ident $text:literal),+ }) => {
        impl $name {
            /// As stored.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// As stored; none for a text of a later version.
            pub fn from_column(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(super) use column;

column!(RunState {
    Queued "QUEUED", Running "RUNNING", Cancelling "CANCELLING", Cancelled "CANCELLED", Succeeded "SUCCEEDED",
    Failed "FAILED"
});
column!(SeatState { Answered "ANSWERED", AnsweredByFallback "ANSWERED_BY_FALLBACK", Missing "MISSING" });
column!(ReviewState { Reviewed "REVIEWED", Abstained "ABSTAINED", NotAsked "NOT_ASKED" });

impl std::str::FromStr for RunState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_column(text).ok_or("must be the name of a state")
    }
}

#[cfg(test)]
mod tests {
    use super::RunState::{self, Cancelled, Cancelling, Failed, Queued, Running, Succeeded};

    #[test]
    fn a_run_takes_these_steps_and_no_others() {
        let steps = [
            (Queued, Running),
            (Queued, Cancelling),
            (Queued, Cancelled),
            (Queued, Failed),
            (Running, Cancelling),
            (Running, Succeeded),
            (Running, Failed),
            (Cancelling, Cancelled),
        ];
        for from in RunState::ALL {
            for to in RunState::ALL {
                let step = from.step(to);
                assert_eq!(step.is_ok(), steps.contains(&(from, to)), "{from:?} to {to:?}");
                if let Err(refused) = step {
                    assert_eq!((refused.from, refused.to), (from, to));
                }
            }
        }
    }

    #[test]
    fn nothing_follows_an_end() {
        for ended in RunState::ALL.into_iter().filter(|state| state.has_ended()) {
            assert!(RunState::ALL.into_iter().all(|to| ended.step(to).is_err()), "{ended:?}");
        }
    }

    #[test]
    fn states_are_read_as_they_are_stored() {
        for state in RunState::ALL {
            assert_eq!(RunState::from_column(state.as_str()), Some(state));
        }
    }
}
