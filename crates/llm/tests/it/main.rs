//! The OpenAI-compatible provider against a server that behaves as told, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod cancel;
mod server;
mod stream;
mod whole;

use std::time::Duration;

use witan_config::{Env, Reader};
use witan_egress::{Egress, EgressConfig};
use witan_llm::{Call, ChatRequest, Message, Models, ModelsConfig, Purpose};

use crate::server::Server;

/// The models of a provider at this server.
pub(crate) fn models(server: &Server, json_mode: &str) -> Models {
    let entry = format!(
        r#"[{{"id":"test/m","provider":"openai","baseUrl":"{}/v1/","name":"m-1","apiKeyEnv":"THE_KEY",
            "jsonMode":"{json_mode}"}}]"#,
        server.url
    );
    let env = Env::from([("LLM_MODELS", entry.as_str()), ("THE_KEY", "sk-secret")]);
    let mut reader = Reader::new(&env);
    let config = ModelsConfig::read(&mut reader);
    let config = reader.finish(|| config).unwrap();
    Models::new(&config, &Egress::new(&EgressConfig::development()).unwrap(), None)
}

pub(crate) fn question() -> ChatRequest {
    ChatRequest::new("test/m", Purpose::Chat, vec![Message::user("Why?")]).temperature(0.7).max_tokens(100)
}

pub(crate) fn call() -> Call {
    Call::within(Duration::from_secs(5))
}
