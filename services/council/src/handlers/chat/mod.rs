//! Chats of front ends that are built with the AI SDK.

pub(crate) mod resume;
pub(crate) mod send;
