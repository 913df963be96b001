//! Keys that the caller brings along.

use std::sync::Arc;

use witan_clock::Clock;
use witan_llm::{LlmError, ProviderKeys};
use witan_testkit::{Dialect, Upstream};

use crate::{call, entry, question, with};

fn keys(provider: &str) -> Arc<ProviderKeys> {
    Arc::new(ProviderKeys::new("workspace-1", [(provider.to_owned(), "sk-own".into())]))
}

#[tokio::test]
async fn an_own_key_goes_before_the_platforms() {
    for (dialect, header) in [
        (Dialect::OpenAi, "authorization: bearer"),
        (Dialect::Anthropic, "x-api-key:"),
        (Dialect::Gemini, "x-goog-api-key:"),
    ] {
        let upstream = Upstream::start().await;
        let entry = entry(&upstream, dialect, "test/m", r#","apiKeyEnv":"THE_KEY""#);
        let models = with(&format!("[{entry}]"), &[("THE_KEY", "sk-platform")], &Clock::system());
        for call in [call(), call().with_keys(keys("test")), call().with_keys(keys("other"))] {
            models.complete(&question(), &call).await.unwrap();
        }
        let heads: Vec<String> = upstream.asked().into_iter().map(|asked| asked.head).collect();
        let sent = |head: &str, key: &str| head.contains(&format!("{header} {key}"));
        assert!(sent(&heads[0], "sk-platform") && sent(&heads[1], "sk-own"), "{heads:?}");
        assert!(sent(&heads[2], "sk-platform"), "a key for somebody else");
    }
}

#[tokio::test]
async fn without_any_key_nobody_is_asked() {
    let models = with(r#"[{"id":"sim/a","provider":"sim"}]"#, &[], &Clock::system());
    let mut question = question();
    question.model = "groq/gpt-oss-120b".to_owned();
    assert_eq!(models.complete(&question, &call()).await.unwrap_err(), LlmError::Auth);
    let model = models.get(&question.model).unwrap();
    assert!(!model.is_usable() && model.is_usable_with(Some(&keys("groq"))));
    assert!(!format!("{:?}", keys("groq")).contains("sk-own"));
}
