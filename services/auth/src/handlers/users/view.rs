//! An account, as administrators see it.

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::{UserId, WorkspaceId};
use witan_web::Problem;

use crate::app::App;
use crate::domain::account::Account;
use crate::store::administration::{Administered, administered_find};

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum UserState {
    /// Nobody has proved to own the address.
    PendingVerify,
    /// May log in.
    Active,
    /// Closed for now.
    Deactivated,
    /// Will be erased unless that is taken back.
    PendingDeletion,
}

impl UserState {
    /// Its name in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PendingVerify => "PENDING_VERIFY",
            Self::Active => "ACTIVE",
            Self::Deactivated => "DEACTIVATED",
            Self::PendingDeletion => "PENDING_DELETION",
        }
    }
}

/// An account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdministeredUser {
    /// The user.
    id: UserId,
    /// The address of the account.
    #[schema(example = "ada@example.org")]
    email: String,
    /// What others see.
    #[schema(example = "Ada")]
    name: String,
    /// Where it stands.
    state: UserState,
    /// Whether an administrator closed it, so that its owner cannot open it.
    suspended: bool,
    /// When the address was proved.
    #[schema(required)]
    verified_at: Option<DateTime<Utc>>,
    /// When it was closed.
    #[schema(required)]
    deactivated_at: Option<DateTime<Utc>>,
    /// Until when its deletion can be taken back.
    #[schema(required)]
    deletion_due_at: Option<DateTime<Utc>>,
    /// The workspace that their tokens name.
    #[schema(required)]
    default_workspace_id: Option<WorkspaceId>,
    /// When they logged in for the last time.
    #[schema(required)]
    last_login_at: Option<DateTime<Utc>>,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

impl From<Administered> for AdministeredUser {
    fn from(row: Administered) -> Self {
        let account = Account::from(row.user.account);
        let suspended = account.is_suspended();
        let (state, verified, deactivated, due) = match account {
            Account::PendingVerify => (UserState::PendingVerify, None, None, None),
            Account::Active { verified_at } => (UserState::Active, Some(verified_at), None, None),
            Account::Deactivated { verified_at, deactivated_at, .. } => {
                (UserState::Deactivated, Some(verified_at), Some(deactivated_at), None)
            }
            Account::PendingDeletion { verified_at, due_at, .. } => {
                (UserState::PendingDeletion, Some(verified_at), None, Some(due_at))
            }
        };
        let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.trunc_subsecs(3));
        Self {
            id: row.user.id,
            email: row.user.email,
            name: row.user.name,
            state,
            suspended,
            verified_at: millis(verified),
            deactivated_at: millis(deactivated),
            deletion_due_at: millis(due),
            default_workspace_id: row.user.default_workspace,
            last_login_at: millis(row.last_login_at),
            created_at: row.user.created_at.trunc_subsecs(3),
        }
    }
}

/// The account as it is now.
pub(super) async fn load(app: &App, id: UserId) -> Result<AdministeredUser, Problem> {
    let found = app.pg.read("user.find", async |conn| administered_find(conn, id).await).await?;
    found.map(Into::into).ok_or_else(Problem::not_found)
}
