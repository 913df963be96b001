//! The partner: a real HTTP server that believes nothing but what the official Standard Webhooks library verifies, and
//! writes down what came when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Result;
use serde_json::Value;
use standardwebhooks::Webhook;

/// Longer than an attempt may take.
const HANGS: Duration = Duration::from_secs(60);
const SLOW: Duration = Duration::from_secs(3);

/// One request that came.
#[derive(Clone)]
pub(crate) struct Arrival {
    /// `webhook-id`.
    pub(crate) message: String,
    /// The name of the startup that it tells of.
    pub(crate) name: String,
    pub(crate) at: Instant,
}

/// What came to one endpoint.
#[derive(Default)]
struct Page {
    secret: String,
    arrivals: Vec<Arrival>,
    unsigned: usize,
}

type Book = Mutex<HashMap<String, Page>>;

/// The partner's server; each path is an endpoint of its own.
#[derive(Clone)]
pub(crate) struct Receiver {
    address: String,
    book: Arc<Book>,
}

impl Receiver {
    pub(crate) fn start() -> Result<Self> {
        let book = Arc::new(Book::default());
        let data = web::Data::from(book.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/prompt/{name}", web::post().to(prompt))
                .route("/slow/{name}", web::post().to(slow))
                .route("/hanging/{name}", web::post().to(hanging))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
        let address = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
        Ok(Self { address, book })
    }

    /// Where an endpoint of this name listens; `manner` is `prompt`, `slow` or `hanging`.
    pub(crate) fn url(&self, manner: &str, name: &str) -> String {
        format!("{}/{manner}/{name}", self.address)
    }

    /// The secret that was shown when the endpoint was made.
    pub(crate) fn trust(&self, name: &str, secret: &str) {
        secret.clone_into(&mut lock(&self.book).entry(name.to_owned()).or_default().secret);
    }

    /// What came to an endpoint with a good signature, and how much came without.
    pub(crate) fn arrivals(&self, name: &str) -> (Vec<Arrival>, usize) {
        let book = lock(&self.book);
        book.get(name).map(|page| (page.arrivals.clone(), page.unsigned)).unwrap_or_default()
    }
}

fn lock(book: &Book) -> MutexGuard<'_, HashMap<String, Page>> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn prompt(
    request: HttpRequest,
    name: web::Path<String>,
    book: web::Data<Book>,
    body: web::Bytes,
) -> HttpResponse {
    let mut book = lock(&book);
    let page = book.entry(name.into_inner()).or_default();
    match verify(&page.secret, &request, &body) {
        Ok(arrival) => {
            page.arrivals.push(arrival);
            HttpResponse::NoContent().finish()
        }
        Err(_) => {
            page.unsigned += 1;
            HttpResponse::BadRequest().finish()
        }
    }
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(SLOW).await;
    HttpResponse::NoContent().finish()
}

async fn hanging() -> HttpResponse {
    tokio::time::sleep(HANGS).await;
    HttpResponse::NoContent().finish()
}

fn verify(secret: &str, request: &HttpRequest, body: &[u8]) -> Result<Arrival> {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        if let Some(value) = request.headers().get(name) {
            headers.insert(name, http::HeaderValue::from_bytes(value.as_bytes())?);
        }
    }
    Webhook::new(secret)?.verify(body, &headers)?;
    let body: Value = serde_json::from_slice(body)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Arrival { message: text(&body["id"]), name: text(&body["data"]["name"]), at: Instant::now() })
}
