use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::contest::Contestant;
use super::questions::Question;

/// Longer than the council's stages together.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often an answer that comes too soon for the rate limit is asked for again.
const TRIES: u32 = 5;
const REST: Duration = Duration::from_secs(5);

/// The installation's public API.
pub(super) struct Api {
    client: Client,
    url: String,
}

/// An answer and what it took.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) text: String,
    pub(super) cost_micros: i64,
    pub(super) millis: u64,
}

impl Api {
    pub(super) fn new(url: &str, key: SecretString, workspace: Option<&str>) -> Result<Self> {
        let mut headers = HeaderMap::new();
        let mut key = HeaderValue::from_str(key.expose_secret()).context("the key is no header")?;
        key.set_sensitive(true);
        headers.insert("x-api-key", key);
        if let Some(workspace) = workspace {
            headers.insert("x-workspace-id", workspace.parse().context("the workspace is no header")?);
        }
        #[expect(clippy::disallowed_methods, reason = "the operator's own installation")]
        let client = Client::builder().default_headers(headers).timeout(PATIENCE).build()?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// The models in the council of an agent.
    pub(super) async fn members(&self, agent: &str) -> Result<Vec<String>> {
        let agents = self.send(self.client.get(format!("{}/api/v1/agents", self.url))).await?;
        let found = agents["data"].as_array().into_iter().flatten().find(|known| known["agent"] == agent);
        let found = found.with_context(|| format!("there is no agent {agent}"))?;
        let members = found["members"].as_array().into_iter().flatten();
        Ok(members.filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// A contestant's answer.
    pub(super) async fn ask(
        &self,
        agent: &str,
        contestant: &Contestant,
        question: &Question,
    ) -> Result<Answered> {
        let mut body = json!({ "agent": agent, "prompt": question.prompt });
        if let Some(context) = &question.context {
            body["context"] = json!(context);
        }
        let (mode, model) = contestant.mode();
        body["mode"] = json!(mode);
        if let Some(model) = model {
            body["model"] = json!(model);
        }
        let run = self.send(self.client.post(format!("{}/api/v1/agents/run", self.url)).json(&body)).await?;
        Ok(Answered {
            text: run["answer"].as_str().context("the run has no answer")?.to_owned(),
            cost_micros: run["usage"]["cost"]["amountMicros"].as_i64().unwrap_or(0),
            millis: run["timings"]["totalMs"].as_u64().unwrap_or(0),
        })
    }

    /// A model's own words, through the OpenAI-compatible API.
    pub(super) async fn complete(&self, body: &Value) -> Result<String> {
        let url = format!("{}/v1/chat/completions", self.url);
        let answer = self.send(self.client.post(url).json(body)).await?;
        let text = answer["choices"][0]["message"]["content"].as_str();
        Ok(text.context("the model said nothing")?.to_owned())
    }

    /// Sends, and again when it was too soon.
    async fn send(&self, request: RequestBuilder) -> Result<Value> {
        for attempt in 1.. {
            let request = request.try_clone().context("a request that can be sent once only")?;
            let answer = request.send().await.context("the installation does not answer")?;
            let status = answer.status();
            let after =
                answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            let body: Value = answer.json().await.unwrap_or_default();
            match status {
                StatusCode::OK => return Ok(body),
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE if attempt < TRIES => {
                    tokio::time::sleep(after.map_or(REST, Duration::from_secs)).await;
                }
                _ => {
                    let why = body["detail"].as_str().or(body["title"].as_str());
                    bail!(
                        "{status}: {}",
                        why.or(body["error"]["message"].as_str()).unwrap_or("no reason given")
                    )
                }
            }
        }
        bail!("never asked")
    }
}
