//! The AI SDK's UI messages in front of the council, so that front ends built with its `useChat` work as they are.

pub(crate) mod message;
pub(crate) mod question;
