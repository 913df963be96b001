//! What became of mails.

pub(crate) mod list;
