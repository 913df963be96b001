//! `witan traces serve`: takes spans in, hands them out; nothing is written to disk.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::otlp;
use super::ring::{NotFound, Ring};
use super::span::Span;

/// How many events a slow reader may fall behind before it misses some.
const BACKLOG: usize = 4_096;

struct Receiver {
    ring: Mutex<Ring>,
    /// Lines of `text/event-stream`, ready to send.
    events: broadcast::Sender<web::Bytes>,
}

impl Receiver {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, spans: Vec<Span>) {
        let now = Instant::now();
        for span in spans {
            if self.events.receiver_count() > 0 {
                let _ = self.events.send(event("span", &span));
            }
            self.ring().insert(span, now);
        }
    }

    /// Tells of traces as they come to rest.
    async fn announce(&self) {
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        loop {
            ticks.tick().await;
            let rested = self.ring().rested(Instant::now());
            for summary in rested {
                let _ = self.events.send(event("trace", &summary));
            }
        }
    }
}

pub(super) async fn run(listen: SocketAddr, max_traces: usize, max_bytes: usize) -> Result<()> {
    let ring = Mutex::new(Ring::new(max_traces, max_bytes));
    let receiver = Arc::new(Receiver { ring, events: broadcast::Sender::new(BACKLOG) });
    let data = web::Data::from(Arc::clone(&receiver));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(otlp::MAX_BYTES))
            .route("/v1/traces", web::post().to(receive))
            .route("/traces", web::get().to(list))
            .route("/traces/{id}", web::get().to(show))
            .route("/stream", web::get().to(stream))
            .route("/ready", web::get().to(HttpResponse::NoContent))
    });
    let server = server
        .workers(1)
        // Streams have no end of their own.
        .shutdown_timeout(1)
        .bind(listen)
        .with_context(|| format!("cannot listen on {listen}: choose another address with --listen"))?;
    println!("traces are received at http://{listen}/v1/traces");
    tokio::select! {
        result = server.run() => Ok(result?),
        () = receiver.announce() => Ok(()),
    }
}

async fn receive(request: HttpRequest, body: web::Bytes, receiver: web::Data<Receiver>) -> HttpResponse {
    let header = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let json = header(CONTENT_TYPE).starts_with("application/json");
    let gzip = header(CONTENT_ENCODING).eq_ignore_ascii_case("gzip");
    let spans = otlp::unpack(&body, gzip).and_then(|plain| otlp::decode(&plain, json));
    match spans {
        Ok(spans) => {
            receiver.take(spans);
            // An empty ExportTraceServiceResponse in either encoding: all was accepted.
            if json {
                HttpResponse::Ok().json(json!({}))
            } else {
                HttpResponse::Ok().content_type("application/x-protobuf").finish()
            }
        }
        Err(error) => HttpResponse::BadRequest().json(json!({"code": 3, "message": format!("{error:#}")})),
    }
}

#[derive(Deserialize)]
struct Limit {
    limit: Option<usize>,
}

async fn list(query: web::Query<Limit>, receiver: web::Data<Receiver>) -> HttpResponse {
    let limit = query.limit.unwrap_or(50).min(1_000);
    HttpResponse::Ok().json(json!({"data": receiver.ring().latest(limit)}))
}

async fn show(id: web::Path<String>, receiver: web::Data<Receiver>) -> HttpResponse {
    let found = receiver.ring().find(&id.to_ascii_lowercase());
    match found {
        Ok(mut spans) => {
            spans.sort_by_key(|span| span.start);
            HttpResponse::Ok().json(json!({"traceId": spans.first().map(|s| &s.trace_id), "spans": spans}))
        }
        Err(NotFound::Unknown) => HttpResponse::NotFound().json(json!({"message": "no such trace here"})),
        Err(NotFound::Ambiguous) => HttpResponse::Conflict()
            .json(json!({"message": "several traces begin like this: give more of the id"})),
    }
}

async fn stream(receiver: web::Data<Receiver>) -> HttpResponse {
    let events = BroadcastStream::new(receiver.events.subscribe()).map(|event| {
        Ok::<_, actix_web::Error>(event.unwrap_or(web::Bytes::from_static(b": some events were missed\n\n")))
    });
    let hello = futures_util::stream::once(async { Ok(web::Bytes::from_static(b": traces\n\n")) });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .streaming(hello.chain(events))
}

fn event(name: &str, data: &impl serde::Serialize) -> web::Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n").into()
}
