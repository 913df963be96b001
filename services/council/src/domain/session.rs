//! Sessions: when they are over, and who says and does what in them.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::column;

/// How long nothing may happen before a session expires.
pub const IDLE: TimeDelta = TimeDelta::hours(24);

/// Where a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SessionState {
    /// It goes on.
    Active,
    /// Somebody ended it.
    Ended,
    /// Nothing happened for a day.
    Expired,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SessionRole {
    /// The person.
    User,
    /// An agent, or another program that answers.
    Assistant,
    /// Whoever set the session up.
    System,
    /// A tool, with what it found.
    Tool,
}

/// How the use of a tool ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ToolStatus {
    /// It did what it should.
    Succeeded,
    /// It did not.
    Failed,
    /// It was given up.
    Cancelled,
}

column!(SessionState { Active "ACTIVE", Ended "ENDED", Expired "EXPIRED" });
column!(SessionRole { User "USER", Assistant "ASSISTANT", System "SYSTEM", Tool "TOOL" });
column!(ToolStatus { Succeeded "SUCCEEDED", Failed "FAILED", Cancelled "CANCELLED" });

impl SessionState {
    /// What a session in this state is now: the job that expires sessions comes once an hour.
    pub fn at(self, active_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        if self == Self::Active && active_at <= oldest_active(now) { Self::Expired } else { self }
    }
}

/// What was last active then, or before, has expired.
pub fn oldest_active(now: DateTime<Utc>) -> DateTime<Utc> {
    now - IDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_activity_ends_what_goes_on() {
        let began = DateTime::UNIX_EPOCH;
        let (just, late) = (began + IDLE - TimeDelta::milliseconds(1), began + IDLE);
        assert_eq!(SessionState::Active.at(began, just), SessionState::Active);
        assert_eq!(SessionState::Active.at(began, late), SessionState::Expired);
        assert_eq!(SessionState::Ended.at(began, late), SessionState::Ended);
    }
}
