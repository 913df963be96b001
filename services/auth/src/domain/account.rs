//! The life of an account.
//!
//! ```text
//! PENDING_VERIFY --verify--> ACTIVE <--reactivate-- DEACTIVATED <-suspend- (ACTIVE or DEACTIVATED)
//!                              |  \----deactivate------^  |
//!                              +-request_deletion-+-------+
//!                                                 v
//!                  ACTIVE <----take_back---- PENDING_DELETION --(due)--> gone
//! ```
//!
//! What an administrator closed is suspended, and only an administrator opens it again (`reopen`), also when its deletion
//! was begun. A transition consumes the state it leaves and refuses where the picture has no arrow.

use chrono::{DateTime, Utc};

/// Where an account stands, with what belongs to that state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// Registered; nobody has proved to own the address.
    PendingVerify,
    /// May log in.
    Active {
        /// When the address was proved.
        verified_at: DateTime<Utc>,
    },
    /// Closed for now.
    Deactivated {
        /// When the address was proved.
        verified_at: DateTime<Utc>,
        /// When it was closed.
        deactivated_at: DateTime<Utc>,
        /// Whether an administrator closed it.
        suspended: bool,
    },
    /// Will be erased unless taken back.
    PendingDeletion {
        /// When the address was proved.
        verified_at: DateTime<Utc>,
        /// When erasure begins.
        due_at: DateTime<Utc>,
        /// Whether only an administrator takes it back.
        suspended: bool,
    },
}

/// The transition does not exist from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account in state {from} cannot {transition}")]
pub struct Refused {
    /// The state it stays in.
    pub from: &'static str,
    /// What was asked.
    pub transition: &'static str,
}

impl Account {
    /// The name of the one state in which an account is open.
    pub const ACTIVE: &'static str = "ACTIVE";

    /// The state's name on the wire and in the table.
    pub fn state(&self) -> &'static str {
        match self {
            Self::PendingVerify => "PENDING_VERIFY",
            Self::Active { .. } => Self::ACTIVE,
            Self::Deactivated { .. } => "DEACTIVATED",
            Self::PendingDeletion { .. } => "PENDING_DELETION",
        }
    }

    /// Whether an administrator closed it.
    pub fn is_suspended(&self) -> bool {
        matches!(
            self,
            Self::Deactivated { suspended: true, .. } | Self::PendingDeletion { suspended: true, .. }
        )
    }

    /// The owner proved the address.
    ///
    /// # Errors
    /// [`Refused`] unless pending.
    pub fn verify(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::PendingVerify => Ok(Self::Active { verified_at: now }),
            other => Err(other.refuse("be verified")),
        }
    }

    /// Closes an active account, by its owner.
    ///
    /// # Errors
    /// [`Refused`] unless active.
    pub fn deactivate(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Active { verified_at } => {
                Ok(Self::Deactivated { verified_at, deactivated_at: now, suspended: false })
            }
            other => Err(other.refuse("be deactivated")),
        }
    }

    /// Opens an account again that its owner closed.
    ///
    /// # Errors
    /// [`Refused`] unless deactivated, and not by an administrator.
    pub fn reactivate(self) -> Result<Self, Refused> {
        match self {
            Self::Deactivated { verified_at, suspended: false, .. } => Ok(Self::Active { verified_at }),
            other => Err(other.refuse("be reactivated")),
        }
    }

    /// Closes an account, by an administrator.
    ///
    /// # Errors
    /// [`Refused`] unless active, or deactivated by its owner.
    pub fn suspend(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Active { verified_at } => {
                Ok(Self::Deactivated { verified_at, deactivated_at: now, suspended: true })
            }
            Self::Deactivated { verified_at, deactivated_at, suspended: false } => {
                Ok(Self::Deactivated { verified_at, deactivated_at, suspended: true })
            }
            other => Err(other.refuse("be suspended")),
        }
    }

    /// Starts the grace period at whose end the account is erased.
    ///
    /// # Errors
    /// [`Refused`] unless active or deactivated by its owner.
    pub fn request_deletion(self, due_at: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Active { verified_at } | Self::Deactivated { verified_at, suspended: false, .. } => {
                Ok(Self::PendingDeletion { verified_at, due_at, suspended: false })
            }
            other => Err(other.refuse("be deleted")),
        }
    }

    /// The same, by an administrator: its owner does not take it back.
    ///
    /// # Errors
    /// [`Refused`] unless active or deactivated.
    pub fn order_deletion(self, due_at: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Active { verified_at } | Self::Deactivated { verified_at, .. } => {
                Ok(Self::PendingDeletion { verified_at, due_at, suspended: true })
            }
            other => Err(other.refuse("be deleted")),
        }
    }

    /// Takes the deletion back while the grace lasts.
    ///
    /// # Errors
    /// [`Refused`] unless pending deletion, when it is already due, or when an administrator ordered it.
    pub fn take_back(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::PendingDeletion { verified_at, due_at, suspended: false } if now < due_at => {
                Ok(Self::Active { verified_at })
            }
            other => Err(other.refuse("be taken back")),
        }
    }

    /// Opens a closed account again, or takes its deletion back, by an administrator.
    ///
    /// # Errors
    /// [`Refused`] unless closed, or when its deletion is already due.
    pub fn reopen(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Deactivated { verified_at, .. } => Ok(Self::Active { verified_at }),
            Self::PendingDeletion { verified_at, due_at, .. } if now < due_at => {
                Ok(Self::Active { verified_at })
            }
            other => Err(other.refuse("be reactivated")),
        }
    }

    fn refuse(&self, transition: &'static str) -> Refused {
        Refused { from: self.state(), transition }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn states() -> [Account; 6] {
        let verified_at = at(1);
        let closed = |suspended| Account::Deactivated { verified_at, deactivated_at: at(2), suspended };
        let pending = |suspended| Account::PendingDeletion { verified_at, due_at: at(30), suspended };
        [
            Account::PendingVerify,
            Account::Active { verified_at },
            closed(false),
            closed(true),
            pending(false),
            pending(true),
        ]
    }

    /// A state, with a star when only an administrator leads out of it.
    fn name(account: &Account) -> String {
        format!("{}{}", account.state(), if account.is_suspended() { "*" } else { "" })
    }

    /// Every transition from every state: where it leads, or `-` where it is refused.
    #[test]
    fn every_transition_is_as_drawn() {
        type Transition = fn(Account) -> Result<Account, Refused>;
        const A: &str = "ACTIVE";
        const D: &str = "DEACTIVATED";
        const S: &str = "DEACTIVATED*";
        const P: &str = "PENDING_DELETION";
        const Q: &str = "PENDING_DELETION*";
        let table: [(&str, Transition, [&str; 6]); 10] = [
            ("verify", |a| a.verify(at(3)), [A, "-", "-", "-", "-", "-"]),
            ("deactivate", |a| a.deactivate(at(3)), ["-", D, "-", "-", "-", "-"]),
            ("reactivate", Account::reactivate, ["-", "-", A, "-", "-", "-"]),
            ("suspend", |a| a.suspend(at(3)), ["-", S, S, "-", "-", "-"]),
            ("delete", |a| a.request_deletion(at(30)), ["-", P, P, "-", "-", "-"]),
            ("order deletion", |a| a.order_deletion(at(30)), ["-", Q, Q, Q, "-", "-"]),
            ("take back", |a| a.take_back(at(29)), ["-", "-", "-", "-", A, "-"]),
            ("take back late", |a| a.take_back(at(30)), ["-", "-", "-", "-", "-", "-"]),
            ("reopen", |a| a.reopen(at(29)), ["-", "-", A, A, A, A]),
            ("reopen late", |a| a.reopen(at(30)), ["-", "-", A, A, "-", "-"]),
        ];
        for (transition_name, transition, expected) in table {
            for (state, expected) in states().into_iter().zip(expected) {
                let (from, label) = (state.state(), name(&state));
                let reached = match transition(state) {
                    Ok(reached) => name(&reached),
                    Err(refused) => {
                        assert_eq!(refused.from, from);
                        "-".to_owned()
                    }
                };
                assert_eq!(reached, expected, "{transition_name} from {label}");
            }
        }
    }

    #[test]
    fn the_proof_of_the_address_survives_closing_and_taking_back() {
        let account = Account::PendingVerify.verify(at(1)).unwrap();
        let account = account.deactivate(at(2)).unwrap().request_deletion(at(32)).unwrap();
        assert_eq!(account.take_back(at(3)).unwrap(), Account::Active { verified_at: at(1) });
    }
}
