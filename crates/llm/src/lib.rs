#![doc = include_str!("../README.md")]

mod chat;
mod config;
mod error;
pub mod fence;
mod model;
mod models;
mod openai;
mod provider;
pub mod sim;
mod stream;

pub use tokio_util::sync::CancellationToken;

pub use crate::chat::{ChatRequest, Completion, FinishReason, JsonSchema, Message, Purpose, Role, Usage};
pub use crate::config::ModelsConfig;
pub use crate::error::LlmError;
pub use crate::model::{JsonMode, ModelInfo, Price};
pub use crate::models::{Call, Models};
pub use crate::provider::Provider;
pub use crate::stream::{ChatEvent, ChatStream};
