//! What tenancy does when others tell it something.

mod first_workspace;
pub(crate) mod forget_invitation;
pub(crate) mod held;
pub(crate) mod invitation_mail;
pub(crate) mod people;
pub(crate) mod purge;
pub(crate) mod recheck_domains;
mod standing;
