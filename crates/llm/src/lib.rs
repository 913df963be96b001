#![doc = include_str!("../README.md")]

mod chat;
mod config;
mod error;
pub mod fence;
mod keys;
mod model;
mod models;
mod provider;
mod registry;
mod remote;
pub mod sim;
mod stream;

pub use tokio_util::sync::CancellationToken;

pub use crate::chat::{ChatRequest, Completion, FinishReason, JsonSchema, Message, Purpose, Role, Usage};
pub use crate::config::{Limits, ModelsConfig, PROVIDERS};
pub use crate::error::LlmError;
pub use crate::keys::ProviderKeys;
pub use crate::model::{JsonMode, ModelInfo, ModelStatus, Price};
pub use crate::models::{Call, GoneModel, Models};
pub use crate::provider::{Asking, Provider};
pub use crate::stream::{ChatEvent, ChatStream};
