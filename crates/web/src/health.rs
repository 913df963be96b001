//! Health, for the port that only operators reach.
//!
//! `/live` knows only the process. `/ready` knows what the service owns and cannot work without, never a peer: peers
//! that wait for each other never become ready. `/health` tells the same in detail and always answers 200.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use witan_lifecycle::Lifecycle;

/// How long the answer of a check is used again.
const FRESH: Duration = Duration::from_secs(1);
/// How long a check may take.
const DEADLINE: Duration = Duration::from_millis(500);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What a service's readiness depends on. Clones share what was found.
#[derive(Clone)]
pub struct Health {
    lifecycle: Lifecycle,
    checks: Vec<Named>,
    found: Arc<Mutex<Option<Found>>>,
}

struct Found {
    at: Instant,
    findings: Vec<Finding>,
}

#[derive(Clone)]
struct Named {
    name: &'static str,
    required: bool,
    check: Check,
}

/// How one dependency is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// Whether the service is of no use without it.
    pub required: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long looking took.
    pub took_ms: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    live: bool,
    ready: bool,
    tasks: usize,
    checks: Vec<Finding>,
}

impl Health {
    /// A process without dependencies.
    pub fn new(lifecycle: &Lifecycle) -> Self {
        Self { lifecycle: lifecycle.clone(), checks: Vec::new(), found: Arc::default() }
    }

    /// Adds something that the service is of no use without.
    #[must_use]
    pub fn check<F, E>(self, name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        self.with(name, true, check)
    }

    /// Adds something that the service can do without for a while; it shows in `/health` alone.
    #[must_use]
    pub fn optional<F, E>(self, name: &'static str, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        self.with(name, false, check)
    }

    fn with<F, E>(
        mut self,
        name: &'static str,
        required: bool,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let check: Check = Arc::new(move || {
            let checked = check();
            async move { checked.await.map_err(|error| error.to_string()) }.boxed()
        });
        self.checks.push(Named { name, required, check });
        self
    }

    /// Whether requests should come here.
    pub async fn is_ready(&self) -> bool {
        self.lifecycle.is_ready()
            && self.findings().await.iter().all(|finding| finding.ok || !finding.required)
    }

    /// How every dependency is, at most a second ago.
    pub async fn findings(&self) -> Vec<Finding> {
        let mut found = self.found.lock().await;
        if let Some(Found { at, findings }) = &*found
            && at.elapsed() < FRESH
        {
            return findings.clone();
        }
        let findings = join_all(self.checks.iter().map(Named::look)).await;
        *found = Some(Found { at: Instant::now(), findings: findings.clone() });
        findings
    }

    pub(crate) fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(web::Data::new(self.clone()))
            .route("/live", web::get().to(live))
            .route("/ready", web::get().to(ready))
            .route("/health", web::get().to(health))
            .route("/metrics", web::get().to(metrics));
    }
}

impl Named {
    async fn look(&self) -> Finding {
        let begun = Instant::now();
        let checked = tokio::time::timeout(DEADLINE, (self.check)()).await;
        let error = checked.unwrap_or_else(|_| Err("no answer in time".to_owned())).err();
        let took_ms = begun.elapsed().as_secs_f64() * 1000.0;
        Finding { name: self.name, ok: error.is_none(), required: self.required, error, took_ms }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checks.iter().map(|check| check.name)).finish()
    }
}

async fn live(health: web::Data<Health>) -> impl Responder {
    status(health.lifecycle.is_live(), "live")
}

async fn ready(health: web::Data<Health>) -> impl Responder {
    status(health.is_ready().await, "ready")
}

fn status(good: bool, name: &'static str) -> HttpResponse {
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(serde_json::json!({ name: good }))
}

async fn health(health: web::Data<Health>) -> impl Responder {
    let report = Report {
        live: health.lifecycle.is_live(),
        ready: health.is_ready().await,
        tasks: health.lifecycle.tasks(),
        checks: health.findings().await,
    };
    HttpResponse::Ok().json(report)
}

async fn metrics() -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(witan_telemetry::metrics::render())
}
