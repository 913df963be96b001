//! A client that is used to failures: it says again what was not answered, with the same `Idempotency-Key`.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::installation::Installation;

/// How long one request may take. Longer than any pause of a service, shorter than a person waits.
const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(250);
/// It was done, and what it came to is not known any more.
const NO_REPLAY: &str = "idempotency.no_replay";

/// One person, in one workspace or none.
#[derive(Clone)]
pub(crate) struct Api {
    http: reqwest::Client,
    gateway: String,
    person: Arc<(String, String)>,
    token: Arc<RwLock<String>>,
    workspace: Option<String>,
}

impl Api {
    #[expect(clippy::disallowed_methods, reason = "an outsider, who has no use for the services' egress")]
    pub(crate) async fn log_in(installation: &Installation) -> Result<Self> {
        let (email, password) = installation.person();
        let api = Self {
            http: reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?,
            gateway: installation.url(""),
            person: Arc::new((email.to_owned(), password.to_owned())),
            token: Arc::default(),
            workspace: None,
        };
        api.renew().await?;
        Ok(api)
    }

    /// The same person in a new workspace, so that rounds do not see one another's events.
    pub(crate) async fn in_new_workspace(&self, name: &str) -> Result<Self> {
        let made = self.obtain("/api/v1/workspaces", &json!({ "name": name })).await?;
        let id = made["id"].as_str().context("a workspace without an id")?;
        Ok(Self { workspace: Some(id.to_owned()), ..self.clone() })
    }

    /// Makes something of which the answer is needed: should the process have died after making it and before it could
    /// answer, another one.
    pub(crate) async fn obtain(&self, path: &str, body: &Value) -> Result<Value> {
        loop {
            let made = self.insist(Method::POST, path, body).await?;
            if made["code"] != NO_REPLAY {
                return Ok(made);
            }
        }
    }

    /// Asks until there is an answer that is not about the moment.
    pub(crate) async fn insist(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let began = Instant::now();
        let key = fresh();
        let mut last = String::new();
        while began.elapsed() < Duration::from_secs(600) {
            match self.try_once(method.clone(), path, body, &key).await {
                Ok((status, answer)) if status.is_success() => return Ok(answer),
                Ok((StatusCode::UNAUTHORIZED, _)) => self.renew().await?,
                // Done by a process that died before it could answer: the key kept us from doing it twice.
                Ok((_, answer)) if answer["code"] == NO_REPLAY => return Ok(answer),
                Ok((status, answer)) if is_final(status) => bail!("{method} {path}: {status} {answer}"),
                Ok((status, answer)) => last = format!("{status} {answer}"),
                Err(error) => last = error.to_string(),
            }
            sleep(AGAIN).await;
        }
        bail!("{method} {path}: no answer for ten minutes; the last: {last}")
    }

    async fn try_once(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        key: &str,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut request = self.http.request(method, format!("{}{path}", self.gateway));
        request = request.bearer_auth(token).header("Idempotency-Key", key).json(body);
        if let Some(workspace) = &self.workspace {
            request = request.header("X-Workspace-Id", workspace);
        }
        let answer = request.send().await?;
        let status = answer.status();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    async fn renew(&self) -> Result<()> {
        let body = json!({ "email": self.person.0, "password": self.person.1 });
        let began = Instant::now();
        loop {
            let sent = self.http.post(format!("{}/api/v1/auth/login", self.gateway)).json(&body).send().await;
            if let Ok(answer) = sent
                && answer.status().is_success()
                // It may break off: auth is among those who are killed.
                && let Ok(answer) = answer.json::<Value>().await
            {
                let token = answer["accessToken"].as_str().context("a log-in without a token")?;
                token.clone_into(&mut self.token.write().unwrap_or_else(PoisonError::into_inner));
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < Duration::from_secs(120), "nobody can log in");
            sleep(AGAIN).await;
        }
    }
}

/// Whether asking again would get the same answer.
fn is_final(status: StatusCode) -> bool {
    status.is_client_error()
        && !matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT
        )
}

/// A text that no other call and no other run has.
#[expect(clippy::disallowed_methods, reason = "an outsider, who has no ids of ours")]
pub(crate) fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
