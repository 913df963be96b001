//! Providers against a server that behaves as told, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod cancel;
mod dialects;
mod faults;
mod gone;
mod keys;
mod server;
mod stream;
mod whole;

use std::time::Duration;

use witan_clock::Clock;
use witan_config::{Env, Reader};
use witan_egress::{Egress, EgressConfig};
use witan_llm::{Call, ChatRequest, Message, Models, ModelsConfig, Purpose};
use witan_testkit::{Dialect, Upstream};

use crate::server::Server;

/// The models of a provider at this server.
pub(crate) fn models(server: &Server, json_mode: &str) -> Models {
    let entry = format!(
        r#"[{{"id":"test/m","provider":"openai","baseUrl":"{}/v1/","name":"m-1","apiKeyEnv":"THE_KEY",
            "jsonMode":"{json_mode}"}}]"#,
        server.url
    );
    with(&entry, &[("THE_KEY", "sk-secret")], &Clock::system())
}

/// The models of these settings.
pub(crate) fn with(entries: &str, settings: &[(&str, &str)], clock: &Clock) -> Models {
    let env: Env = settings.iter().copied().chain([("LLM_MODELS", entries)]).collect();
    let mut reader = Reader::new(&env);
    let config = ModelsConfig::read(&mut reader);
    let config = reader.finish(|| config).unwrap();
    Models::new(&config, &Egress::new(&EgressConfig::development()).unwrap(), clock, None)
}

/// A model at this provider.
pub(crate) fn entry(upstream: &Upstream, dialect: Dialect, id: &str, more: &str) -> String {
    let (provider, url) = (dialect.name(), upstream.url(dialect));
    format!(r#"{{"id":"{id}","provider":"{provider}","baseUrl":"{url}"{more}}}"#)
}

pub(crate) fn question() -> ChatRequest {
    ChatRequest::new("test/m", Purpose::Chat, vec![Message::user("Why?")]).temperature(0.7).max_tokens(100)
}

pub(crate) fn call() -> Call {
    Call::within(Duration::from_secs(5))
}
