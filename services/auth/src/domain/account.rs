//! The life of an account.
//!
//! ```text
//! PENDING_VERIFY --verify--> ACTIVE <--reactivate-- DEACTIVATED
//!                              |  \----deactivate------^  |
//!                              +-request_deletion-+-------+
//!                                                 v
//!                  ACTIVE <----take_back---- PENDING_DELETION --(due)--> gone
//! ```
//!
//! A transition consumes the state it leaves and refuses where the picture has no arrow.

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
    /// Closed for now, by its owner or an administrator.
    Deactivated {
        /// When the address was proved.
        verified_at: DateTime<Utc>,
        /// When it was closed.
        deactivated_at: DateTime<Utc>,
    },
    /// Will be erased unless taken back.
    PendingDeletion {
        /// When the address was proved.
        verified_at: DateTime<Utc>,
        /// When erasure begins.
        due_at: DateTime<Utc>,
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
    /// The state's name on the wire and in the table.
    pub fn state(&self) -> &'static str {
        match self {
            Self::PendingVerify => "PENDING_VERIFY",
            Self::Active { .. } => "ACTIVE",
            Self::Deactivated { .. } => "DEACTIVATED",
            Self::PendingDeletion { .. } => "PENDING_DELETION",
        }
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

    /// Closes an active account.
    ///
    /// # Errors
    /// [`Refused`] unless active.
    pub fn deactivate(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Active { verified_at } => Ok(Self::Deactivated { verified_at, deactivated_at: now }),
            other => Err(other.refuse("be deactivated")),
        }
    }

    /// Opens a closed account again.
    ///
    /// # Errors
    /// [`Refused`] unless deactivated.
    pub fn reactivate(self) -> Result<Self, Refused> {
        match self {
            Self::Deactivated { verified_at, .. } => Ok(Self::Active { verified_at }),
            other => Err(other.refuse("be reactivated")),
        }
    }

    /// Starts the grace period at whose end the account is erased.
    ///
    /// # Errors
    /// [`Refused`] unless active or deactivated.
    pub fn request_deletion(self, due_at: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::Active { verified_at } | Self::Deactivated { verified_at, .. } => {
                Ok(Self::PendingDeletion { verified_at, due_at })
            }
            other => Err(other.refuse("be deleted")),
        }
    }

    /// Takes the deletion back while the grace lasts.
    ///
    /// # Errors
    /// [`Refused`] unless pending deletion, or when it is already due.
    pub fn take_back(self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match self {
            Self::PendingDeletion { verified_at, due_at } if now < due_at => Ok(Self::Active { verified_at }),
            other => Err(other.refuse("be taken back")),
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

    fn states() -> [Account; 4] {
        let verified_at = at(1);
        [
            Account::PendingVerify,
            Account::Active { verified_at },
            Account::Deactivated { verified_at, deactivated_at: at(2) },
            Account::PendingDeletion { verified_at, due_at: at(30) },
        ]
    }

    /// Every transition from every state: where it leads, or `-` where it is refused.
    #[test]
    fn every_transition_is_as_drawn() {
        type Transition = fn(Account) -> Result<Account, Refused>;
        let table: [(&str, Transition, [&str; 4]); 6] = [
            ("verify", |a| a.verify(at(3)), ["ACTIVE", "-", "-", "-"]),
            ("deactivate", |a| a.deactivate(at(3)), ["-", "DEACTIVATED", "-", "-"]),
            ("reactivate", Account::reactivate, ["-", "-", "ACTIVE", "-"]),
            ("delete", |a| a.request_deletion(at(30)), ["-", "PENDING_DELETION", "PENDING_DELETION", "-"]),
            ("take back", |a| a.take_back(at(29)), ["-", "-", "-", "ACTIVE"]),
            ("take back late", |a| a.take_back(at(30)), ["-", "-", "-", "-"]),
        ];
        for (name, transition, expected) in table {
            for (state, expected) in states().into_iter().zip(expected) {
                let from = state.state();
                let reached = transition(state).map_or_else(
                    |refused| {
                        assert_eq!(refused.from, from);
                        "-"
                    },
                    |reached| reached.state(),
                );
                assert_eq!(reached, expected, "{name} from {from}");
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
