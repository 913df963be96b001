//! The two outsiders who are called: the automation behind a persona, and the partner who subscribed to webhooks.
//! The partner believes nothing that the official Standard Webhooks library does not verify.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Result;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// One webhook that the partner received and verified.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) event_type: String,
    pub(crate) body: Value,
    pub(crate) trace: Option<String>,
}

#[derive(Default)]
struct Book {
    secret: Option<String>,
    received: Vec<Received>,
    refused: Vec<String>,
    persona_calls: usize,
}

/// A real HTTP server on a port of its own.
#[derive(Clone)]
pub(crate) struct Receiver {
    address: String,
    book: Arc<Mutex<Book>>,
}

impl Receiver {
    pub(crate) async fn start() -> Result<Receiver> {
        let book = Arc::new(Mutex::new(Book::default()));
        let data = web::Data::from(book.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/persona", web::post().to(persona))
                .route("/partner", web::post().to(partner))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
        let address = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
        Ok(Receiver { address, book })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The secret that the partner was shown when the endpoint was created.
    pub(crate) fn trust(&self, secret: &str) {
        self.lock().secret = Some(secret.to_owned());
    }

    /// The verified webhook of this type that tells of this run.
    pub(crate) fn of_run(&self, event_type: &str, run: &str) -> Option<Received> {
        let book = self.lock();
        let tells =
            |received: &&Received| received.event_type == event_type && received.body["data"]["runId"] == run;
        book.received.iter().find(tells).cloned()
    }

    /// How many webhooks were verified, and why others were not.
    pub(crate) fn tally(&self) -> (usize, Vec<String>) {
        let book = self.lock();
        (book.received.len(), book.refused.clone())
    }

    pub(crate) fn persona_calls(&self) -> usize {
        self.lock().persona_calls
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn persona(book: web::Data<Mutex<Book>>, question: web::Json<Value>) -> HttpResponse {
    book.lock().unwrap_or_else(PoisonError::into_inner).persona_calls += 1;
    let asked = question["message"].as_str().unwrap_or_default().to_owned();
    let answer = format!(
        "From my desk as a head of operations: \"{asked}\" is the right question. Start with the three invoices you fear most."
    );
    HttpResponse::Ok().json(json!({ "answer": answer }))
}

async fn partner(request: HttpRequest, book: web::Data<Mutex<Book>>, body: web::Bytes) -> HttpResponse {
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    match verify(book.secret.as_deref(), &request, &body) {
        Ok(received) => {
            book.received.push(received);
            HttpResponse::NoContent().finish()
        }
        Err(reason) => {
            book.refused.push(reason);
            HttpResponse::BadRequest().finish()
        }
    }
}

fn verify(secret: Option<&str>, request: &HttpRequest, body: &[u8]) -> Result<Received, String> {
    let secret = secret.ok_or("a webhook came before the endpoint was created")?;
    let webhook = Webhook::new(secret).map_err(|error| error.to_string())?;
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = request.headers().get(name).ok_or(format!("no {name} header"))?;
        let value = http::HeaderValue::from_bytes(value.as_bytes()).map_err(|error| error.to_string())?;
        headers.insert(name, value);
    }
    webhook.verify(body, &headers).map_err(|error| error.to_string())?;
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let trace = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    Ok(Received {
        event_type: body["type"].as_str().unwrap_or_default().to_owned(),
        trace: trace.and_then(|value| value.split('-').nth(1)).map(str::to_owned),
        body,
    })
}
