//! The states of a run and of its seats.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a run is. It is `RUNNING` until it ends, once, in one of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunState {
    /// Under way.
    Running,
    /// There is an answer.
    Succeeded,
    /// There is none; the failure says why.
    Failed,
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

column!(RunState { Running "RUNNING", Succeeded "SUCCEEDED", Failed "FAILED" });
column!(SeatState { Answered "ANSWERED", AnsweredByFallback "ANSWERED_BY_FALLBACK", Missing "MISSING" });
column!(ReviewState { Reviewed "REVIEWED", Abstained "ABSTAINED", NotAsked "NOT_ASKED" });

impl std::str::FromStr for RunState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_column(text).ok_or("must be RUNNING, SUCCEEDED or FAILED")
    }
}
