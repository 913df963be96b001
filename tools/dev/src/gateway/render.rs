use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use serde_json::{Value, json};

use super::table::{Limit, Problem, Route, Table};

/// What differs between a laptop and a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) listen: Vec<String>,
    pub(crate) tls: Option<Tls>,
    /// Service to the addresses of its replicas.
    pub(crate) upstreams: BTreeMap<String, Vec<String>>,
    pub(crate) workers: &'static str,
    pub(crate) run_dir: PathBuf,
    pub(crate) site: PathBuf,
    pub(crate) access_log: String,
    pub(crate) error_log: String,
    pub(crate) rate: Rate,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tls {
    pub(crate) listen: String,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Per client address, in nginx's own notation.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Rate {
    pub(crate) api: &'static str,
    pub(crate) auth: &'static str,
    pub(crate) burst: u32,
    pub(crate) connections: u32,
}

impl Rate {
    /// Demo and measurements all come from one address.
    pub(crate) const LAPTOP: Self = Self { api: "5000r/s", auth: "500r/s", burst: 5_000, connections: 2_000 };
    pub(crate) const DEPLOYED: Self = Self { api: "100r/s", auth: "10r/s", burst: 50, connections: 100 };
}

#[derive(Serialize)]
struct Location<'a> {
    pattern: String,
    service: &'a str,
    streaming: bool,
    timeout: u16,
    body: &'a str,
    limit: Limit,
    /// Speaks OpenAI's API.
    openai: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    status: u16,
    from: &'a [u16],
    retry: bool,
    body: String,
    /// The same for who speaks OpenAI's API.
    openai: String,
}

/// The whole nginx configuration for one place.
pub(crate) fn nginx(checkout: &Path, table: &Table, place: &Place) -> Result<String> {
    let path = checkout.join("deploy/gateway/nginx.conf.j2");
    let template =
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let values = json!({
        "listen": place.listen,
        "tls": place.tls,
        "upstreams": place.upstreams,
        "workers": place.workers,
        "run_dir": place.run_dir,
        "site": place.site,
        "access_log": place.access_log,
        "error_log": place.error_log,
        "rate": place.rate,
        "routes": table.routes.iter().map(location).collect::<Vec<_>>(),
        "problems": table.problems.iter().map(answer).collect::<Vec<_>>(),
    });
    let rendered =
        environment.render_str(&template, Serde(values)).with_context(|| path.display().to_string())?;
    Ok(rendered + "\n")
}

fn location(route: &Route) -> Location<'_> {
    Location {
        pattern: route.prefix.replace('.', r"\."),
        service: &route.service,
        streaming: route.streaming,
        timeout: route.timeout(),
        body: &route.body,
        limit: route.limit,
        openai: route.prefix.starts_with("/v1/"),
    }
}

/// RFC 9457, with nginx's variables where the request speaks.
fn answer(problem: &Problem) -> Answer<'_> {
    let body = json!({
        "type": format!("/docs/problems#{}", problem.code),
        "title": problem.registered().map(|code| code.title),
        "status": problem.status,
        "detail": problem.detail,
        "instance": "$witan_path",
        "code": problem.code,
        "requestId": "$witan_request_id",
        "traceId": "$witan_trace_id",
    });
    Answer {
        status: problem.status,
        from: &problem.from,
        retry: problem.retry,
        body: quoted(&body),
        openai: quoted(&openai(problem)),
    }
}

fn openai(problem: &Problem) -> Option<Value> {
    let told = witan_web::Problem::new(problem.registered()?).detail(problem.detail.clone());
    serde_json::to_value(told.for_openai().1).ok()
}

/// JSON inside a quoted nginx string.
fn quoted(body: &impl Serialize) -> String {
    json!(body).to_string().replace('\'', r"\'")
}
