use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Result;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::Url;

/// A request that a [`Sink`] received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path and query.
    pub path: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The other end of the connection that it came by.
    pub peer: Option<SocketAddr>,
}

impl Received {
    /// A header's text, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The body as JSON, or null.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether one of its `v1a` signatures (Standard Webhooks) belongs to this public key, in text `whpk_…`.
    #[must_use]
    pub fn verifies_with(&self, public_key: &str) -> bool {
        let decoded = |text: Option<&str>| STANDARD.decode(text?).ok();
        let Some(key) = decoded(public_key.strip_prefix("whpk_")) else { return false };
        let key = UnparsedPublicKey::new(&ED25519, key);
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let content = [format!("{id}.{time}.").as_bytes(), &self.body].concat();
        let mut signatures = self.header("webhook-signature").split(' ');
        signatures.any(|entry| {
            decoded(entry.strip_prefix("v1a,"))
                .is_some_and(|signature| key.verify(&content, &signature).is_ok())
        })
    }
}

/// What a [`Sink`] answers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
}

impl Reply {
    /// This status with nothing in it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO }
    }

    /// 200 with JSON.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::status(200).header("content-type", "application/json").body(value.to_string())
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same, given only after a while: to stand for somebody slow.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

#[derive(Default)]
struct Seen {
    received: Vec<Received>,
    next: VecDeque<Reply>,
    always: Option<Reply>,
}

/// A real HTTP server that remembers what it got and answers as told; 204 when told nothing.
pub struct Sink {
    url: Url,
    seen: Arc<Mutex<Seen>>,
    server: ServerHandle,
}

/// A new sink on a port of its own.
///
/// # Panics
/// When no port is free.
pub async fn sink() -> Sink {
    Sink::start().await.expect("a sink")
}

impl Sink {
    async fn start() -> Result<Self> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let data = web::Data::from(Arc::clone(&seen));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(receive)))
                .workers(1)
                .disable_signals()
                .bind("127.0.0.1:0")?;
        let url = Url::parse(&format!("http://{}/", server.addrs()[0]))?;
        let running = server.run();
        let handle = running.handle();
        #[expect(clippy::disallowed_methods, reason = "stopped when the sink is dropped")]
        tokio::spawn(running);
        Ok(Self { url, seen, server: handle })
    }

    /// Its address with a path.
    ///
    /// # Panics
    /// When `path` is none.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.url.join(path).expect("a path").into()
    }

    /// Answers the next request like this; may be called several times.
    pub fn reply_next(&self, reply: Reply) {
        self.lock().next.push_back(reply);
    }

    /// Answers like this whatever has no answer of its own.
    pub fn reply_always(&self, reply: Reply) {
        self.lock().always = Some(reply);
    }

    /// Everything received so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// Waits until at least `count` requests have come.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        crate::eventually(&format!("{count} requests at the sink"), async || {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // The command is sent when the future is made; nobody has to wait for the answer.
        drop(self.server.stop(false));
    }
}

async fn receive(request: HttpRequest, body: web::Bytes, seen: web::Data<Mutex<Seen>>) -> HttpResponse {
    let text =
        |value: &actix_web::http::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let received = Received {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        headers: request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.to_vec(),
        peer: request.peer_addr(),
    };
    let reply = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.received.push(received);
        seen.next.pop_front().or_else(|| seen.always.clone())
    };
    let reply = reply.unwrap_or_else(|| Reply::status(204));
    tokio::time::sleep(reply.delay).await;
    let mut answer =
        HttpResponse::build(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in &reply.headers {
        answer.append_header((name.as_str(), value.as_str()));
    }
    answer.body(reply.body)
}
