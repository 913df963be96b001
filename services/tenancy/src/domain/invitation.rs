use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far an invitation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// Somebody became a member by it.
    Accepted,
    /// Who was invited does not want to.
    Declined,
    /// It was taken back.
    Revoked,
    /// Its time came.
    Expired,
}

impl InvitationStatus {
    const ALL: [Self; 5] = [Self::Pending, Self::Accepted, Self::Declined, Self::Revoked, Self::Expired];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
        }
    }

    /// What a row says now: its time ends what waits. What nobody knows cannot be accepted.
    pub(crate) fn of_row(column: &str, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let written = Self::ALL.into_iter().find(|status| status.as_str() == column);
        match written.unwrap_or(Self::Revoked) {
            Self::Pending if expires_at <= now => Self::Expired,
            status => status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_ends_what_waits_and_nothing_else() {
        let (end, late) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1));
        assert_eq!(InvitationStatus::of_row("PENDING", late, end), InvitationStatus::Pending);
        assert_eq!(InvitationStatus::of_row("PENDING", end, end), InvitationStatus::Expired);
        assert_eq!(InvitationStatus::of_row("ACCEPTED", end, late), InvitationStatus::Accepted);
        assert_eq!(InvitationStatus::of_row("?", late, end), InvitationStatus::Revoked);
    }
}
