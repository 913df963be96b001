//! Work that outlives a request.

pub(crate) mod change_email;
pub(crate) mod default_workspace;
pub(crate) mod endpoint_disabled;
pub(crate) mod erase;
pub(crate) mod lockout;
pub(crate) mod magic_link;
pub(crate) mod mail;
pub(crate) mod ordered;
pub(crate) mod purge;
pub(crate) mod refreshes;
pub(crate) mod registration;
pub(crate) mod resend;
pub(crate) mod reset;
pub(crate) mod rotate;
pub(crate) mod workspaces;

use std::time::Duration;

use witan_jobs::{JobError, Outcome};

/// What a worker reports after the transaction that does its work.
fn outcome(result: Result<(), JobError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { after: Duration::from_secs(1), reason: error.to_string() },
    }
}
