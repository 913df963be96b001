//! The partner: takes everything and notes when it came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Result;

/// Longer than any measurement.
const HANGS: Duration = Duration::from_secs(600);

/// When what came: the first time, by message.
pub(crate) type Arrivals = HashMap<String, Instant>;

/// A server of its own; `/ok` answers at once and `/hang` never.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    book: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    first: Arrivals,
    count: usize,
}

impl Receiver {
    pub(crate) fn start() -> Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let data = web::Data::from(book.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/ok", web::post().to(take))
                .route("/hang", web::post().to(hang))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))?;
        let address = server.addrs()[0];
        let server = server.run();
        std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
        Ok(Self { address, book })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many requests came since the last [`forget`](Self::forget).
    pub(crate) fn count(&self) -> usize {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Gives what came, and begins anew.
    pub(crate) fn forget(&self) -> Arrivals {
        std::mem::take(&mut *self.book.lock().unwrap_or_else(PoisonError::into_inner)).first
    }
}

async fn take(request: HttpRequest, book: web::Data<Mutex<Book>>, _: web::Bytes) -> HttpResponse {
    let now = Instant::now();
    let id = request.headers().get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    book.count += 1;
    book.first.entry(id.to_owned()).or_insert(now);
    HttpResponse::NoContent().finish()
}

async fn hang(_: web::Bytes) -> HttpResponse {
    tokio::time::sleep(HANGS).await;
    HttpResponse::NoContent().finish()
}
