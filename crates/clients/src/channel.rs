//! One call: token, trace, deadline, a bounded answer, typed errors.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode};
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
    /// Asks for something; once more when the connection failed, since asking changes nothing. An answer is an answer:
    /// who says that it is overloaded is not asked again at once.
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
                Err(Fault::Connection(_)) => self.send(Method::GET, url.clone(), None).await,
                answer => answer,
            }
        };
        self.conclude(DEADLINE, twice).await
    }

    /// Asks for something that is read as it arrives; its head must be there within the deadline.
    pub(crate) async fn open(&self, path: &str, deadline: Duration) -> Result<Response, ClientError> {
        let url = self.url(path);
        let head = async {
            let response = match self.head(Method::GET, url.clone(), None).await {
                Err(_) => self.head(Method::GET, url.clone(), None).await?,
                Ok(response) => response,
            };
            match response.status().is_success() {
                true => Ok(Ok(response)),
                false => Ok::<_, Fault>(Err(read(response).await?)),
            }
        };
        let head = tokio::time::timeout(deadline, head).await.map_err(|late| self.unavailable(late))?;
        let head = head.map_err(|fault| self.unavailable(fault))?;
        head.map_err(|(status, body)| self.refusal(status, &body))
    }

    /// Sends a command, once.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|error| self.unavailable(error))?;
        self.conclude(deadline, self.send(Method::POST, self.url(path), Some(body))).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// What came of a call, which may take this long.
    async fn conclude<T: DeserializeOwned>(
        &self,
        deadline: Duration,
        call: impl Future<Output = Result<(StatusCode, Vec<u8>), Fault>>,
    ) -> Result<T, ClientError> {
        let answer = tokio::time::timeout(deadline, call).await.map_err(|late| self.unavailable(late))?;
        let (status, body) = answer.map_err(|fault| self.unavailable(fault))?;
        if !status.is_success() {
            return Err(self.refusal(status, &body));
        }
        serde_json::from_slice(&body).map_err(|source| ClientError::Malformed { peer: self.audience, source })
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Vec<u8>), Fault> {
        read(self.head(method, url, body).await?).await
    }

    async fn head(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
    ) -> Result<Response, reqwest::Error> {
        let token = service_token::mint(&self.key, self.caller, self.audience, &self.clock);
        let mut request = self.egress.internal_client().request(method, url).bearer_auth(token);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        self.egress.internal_send(request.build()?, self.audience).await
    }

    fn refusal(&self, status: StatusCode, body: &[u8]) -> ClientError {
        let problem: Value = serde_json::from_slice(body).unwrap_or_default();
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            return ClientError::Refused { peer: self.audience, status, code, problem };
        }
        self.unavailable(format!("{status} {code}"))
    }

    pub(crate) fn unavailable(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> ClientError {
        ClientError::Unavailable { peer: self.audience, source: source.into() }
    }
}

/// Why there is no whole answer.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("the connection failed")]
    Connection(#[from] reqwest::Error),
    #[error("the answer is larger than {MAX_ANSWER} bytes")]
    TooLarge,
}

async fn read(mut response: Response) -> Result<(StatusCode, Vec<u8>), Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Fault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status(), body))
}
