use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use url::Url;
use witan_ids::{UserId, WorkspaceId};

use crate::answer::Answer;

/// Somebody who calls a service: nobody, or a person with a token and a workspace.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
    api_key: Option<String>,
    workspace: Option<WorkspaceId>,
    /// Who this is; not set for nobody and for services.
    pub user: Option<UserId>,
}

impl Client {
    /// Nobody, at this address.
    ///
    /// # Panics
    /// When the system's TLS configuration is broken.
    #[must_use]
    pub fn anonymous(base: Url) -> Self {
        #[expect(clippy::disallowed_methods, reason = "talks to the service under test")]
        let builder = reqwest::Client::builder();
        let http =
            builder.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(crate::PATIENCE).build();
        Self {
            http: http.expect("a plain client"),
            base,
            token: None,
            api_key: None,
            workspace: None,
            user: None,
        }
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The same with an API key in place of a token.
    #[must_use]
    pub fn with_api_key(mut self, key: impl Into<String>) -> Self {
        self.token = None;
        self.api_key = Some(key.into());
        self
    }

    /// Its bearer token, for clients that are not this one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Its API key, for clients that are not this one.
    #[must_use]
    pub fn api_key(&self) -> Option<&str> {
        self.api_key.as_deref()
    }

    /// The same, selecting a workspace in every request.
    #[must_use]
    pub fn in_workspace(mut self, workspace: WorkspaceId) -> Self {
        self.workspace = Some(workspace);
        self
    }

    /// The same without a selected workspace.
    #[must_use]
    pub fn in_no_workspace(mut self) -> Self {
        self.workspace = None;
        self
    }

    pub(crate) fn with_user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// The workspace that is selected.
    ///
    /// # Panics
    /// When none is.
    #[must_use]
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace.expect("this client selects no workspace")
    }

    /// A request to be finished by the caller and given to [`send`](Self::send).
    ///
    /// # Panics
    /// When `path` is no path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.base.join(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &self.api_key {
            request = request.header("X-API-Key", key);
        }
        if let Some(workspace) = self.workspace {
            request = request.header("X-Workspace-Id", workspace.to_string());
        }
        request
    }

    /// Sends it and reads the answer.
    ///
    /// # Panics
    /// When there is no answer at all.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.expect("the service does not answer")).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` with JSON.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// `POST` with JSON and an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(&body)).await
    }

    /// `PUT` with JSON.
    pub async fn put(&self, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// `PATCH` with JSON.
    pub async fn patch(&self, path: &str, body: impl Serialize) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST` with JSON, read as an event stream as it arrives.
    ///
    /// # Panics
    /// When the answer is no event stream.
    pub async fn post_stream(&self, path: &str, body: impl Serialize) -> crate::EventStream {
        let request = self.request(Method::POST, path).header("Accept", "text/event-stream").json(&body);
        let response = request.send().await.expect("the service does not answer");
        crate::EventStream::of(response).await
    }
}
