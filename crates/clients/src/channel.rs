//! One call: token, trace, deadline, a bounded answer, typed errors.

use std::time::Duration;

use reqwest::{Method, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use witan_access::{InternalKey, service_token};
use witan_clock::Clock;
use witan_egress::Egress;

use crate::ClientError;

/// How long an ordinary call may take, its second try included.
pub(crate) const DEADLINE: Duration = Duration::from_secs(1);
/// How much of an answer is read.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// The way to one service's internal API.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) caller: &'static str,
    pub(crate) audience: &'static str,
    pub(crate) base: Url,
    pub(crate) egress: Egress,
    pub(crate) key: InternalKey,
    pub(crate) clock: Clock,
}

impl Channel {
    /// Asks for something; once more when the connection failed, since asking changes nothing.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ClientError> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let twice = async {
            match self.send(Method::GET, url.clone(), None).await {
                Err(ClientError::Unavailable { .. }) => self.send(Method::GET, url.clone(), None).await,
                answer => answer,
            }
        };
        self.parse(&self.in_time(DEADLINE, twice).await?)
    }

    /// Sends a command, once.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|error| self.unavailable(error))?;
        self.parse(&self.in_time(deadline, self.send(Method::POST, self.url(path), Some(body))).await?)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    async fn in_time(
        &self,
        deadline: Duration,
        call: impl Future<Output = Result<Vec<u8>, ClientError>>,
    ) -> Result<Vec<u8>, ClientError> {
        tokio::time::timeout(deadline, call).await.unwrap_or_else(|late| Err(self.unavailable(late)))
    }

    async fn send(&self, method: Method, url: Url, body: Option<Vec<u8>>) -> Result<Vec<u8>, ClientError> {
        let mut request = self.egress.internal_client().request(method, url);
        request =
            request.bearer_auth(service_token::mint(&self.key, self.caller, self.audience, &self.clock));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let request: Request = request.build().map_err(|error| self.unavailable(error))?;
        let sent = self.egress.internal_send(request, self.audience).await;
        self.read(sent.map_err(|error| self.unavailable(error))?).await
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, ClientError> {
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unavailable(error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(self.unavailable("the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() { Ok(body) } else { Err(self.refusal(status, &body)) }
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> ClientError {
        let problem: Value = serde_json::from_slice(body).unwrap_or_default();
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            return ClientError::Refused { peer: self.audience, status, code, problem };
        }
        self.unavailable(format!("{status} {code}"))
    }

    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(body).map_err(|source| ClientError::Malformed { peer: self.audience, source })
    }

    fn unavailable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ClientError {
        ClientError::Unavailable { peer: self.audience, source: source.into() }
    }
}
