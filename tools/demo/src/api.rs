//! A small HTTP client with a memory: the gateway's address, the access token, the chosen workspace.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

/// Calls the gateway as one person.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    gateway: String,
    token: Option<String>,
    api_key: Option<String>,
    workspace: Option<String>,
}

/// What came back, with the trace it belongs to.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) trace: Option<String>,
    pub(crate) body: Value,
}

impl Api {
    #[expect(
        clippy::disallowed_methods,
        reason = "the demo is an outsider: it has no use for the services' egress"
    )]
    pub(crate) fn new(gateway: &str) -> Result<Api> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).no_proxy().build()?;
        let gateway = gateway.trim_end_matches('/').to_owned();
        Ok(Api { http, gateway, token: None, api_key: None, workspace: None })
    }

    pub(crate) fn with_token(mut self, token: &str) -> Api {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn with_api_key(mut self, key: &str) -> Api {
        self.api_key = Some(key.to_owned());
        self
    }

    pub(crate) fn in_workspace(mut self, workspace: &str) -> Api {
        self.workspace = Some(workspace.to_owned());
        self
    }

    /// Sends one request and leaves the answer's body unread (for streams).
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let spends = method == Method::POST;
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.gateway));
        if spends {
            request = request.header("Idempotency-Key", uuid::Uuid::from_u128(fresh()).to_string());
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.api_key {
            request = request.header("X-API-Key", key);
        }
        if let Some(workspace) = &self.workspace {
            request = request.header("X-Workspace-Id", workspace);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request
            .send()
            .await
            .with_context(|| format!("{method} {path}: is the system running? start it with ./scripts/up"))
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let response = self.send(method, path, body).await?;
        let header =
            |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (status, trace) = (response.status(), header("x-trace-id"));
        let bytes = response.bytes().await?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        };
        Ok(Answer { status, trace, body })
    }

    /// GET that must succeed.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, None).await?.expect(200, &format!("GET {path}"))
    }

    /// DELETE that must leave nothing to say.
    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        self.call(Method::DELETE, path, None).await?.expect(204, &format!("DELETE {path}")).map(drop)
    }

    /// POST that must answer with `status`.
    pub(crate) async fn post(&self, path: &str, body: Value, status: u16) -> Result<Answer> {
        self.call(Method::POST, path, Some(&body)).await?.expect(status, &format!("POST {path}"))
    }
}

impl Answer {
    fn expect(self, status: u16, what: &str) -> Result<Answer> {
        if self.status.as_u16() != status {
            bail!("{what} answered {} instead of {status}: {}", self.status, self.body);
        }
        Ok(self)
    }

    /// A text member of the answer, found by its JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Result<String> {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.map(str::to_owned).with_context(|| format!("the answer has no {pointer}: {}", self.body))
    }

    /// The entries of a page.
    pub(crate) fn entries(&self) -> Result<&Vec<Value>> {
        self.body["data"].as_array().with_context(|| format!("not a page: {}", self.body))
    }
}

/// Asks again until `probe` finds what it looks for, for at most ten seconds.
pub(crate) async fn eventually<T, F>(what: &str, mut probe: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let deadline = tokio::time::Instant::now() + Duration::from_secs(15);
    while tokio::time::Instant::now() < deadline {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    bail!("waited 15 s in vain for {what}")
}

/// A number that differs between calls and runs: enough for an idempotency key or an address of a demo.
#[expect(clippy::disallowed_methods, reason = "the demo is an outsider and reads the wall clock like one")]
pub(crate) fn fresh() -> u128 {
    uuid::Uuid::new_v4().as_u128()
}
