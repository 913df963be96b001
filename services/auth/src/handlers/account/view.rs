//! Where an account stands, as answers tell it.

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_web::{Problem, codes};

use crate::domain::account::{Account, Refused};

/// Where the account stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountState {
    /// `ACTIVE`, `DEACTIVATED` or `PENDING_DELETION`.
    #[schema(example = "PENDING_DELETION")]
    state: &'static str,
    /// Until when a deletion can be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    deletion_due_at: Option<DateTime<Utc>>,
}

impl From<&Account> for AccountState {
    fn from(account: &Account) -> Self {
        let deletion_due_at = match account {
            Account::PendingDeletion { due_at, .. } => Some(due_at.trunc_subsecs(3)),
            _ => None,
        };
        Self { state: account.state(), deletion_due_at }
    }
}

/// A transition that does not exist, told to who may know the state.
pub(crate) fn refused(refused: Refused) -> Problem {
    let detail = format!("An account in the state {} cannot {}.", refused.from, refused.transition);
    Problem::new(&codes::auth::ACCOUNT_STATE).detail(detail)
}
