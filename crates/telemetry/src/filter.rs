//! Which events and spans are kept.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, Targets};

/// What the exporter itself runs through. To trace these would make every export cause another.
const LOOPS: [&str; 9] = [
    "hyper",
    "hyper_util",
    "h2",
    "reqwest",
    "rustls",
    "tower",
    "opentelemetry",
    "opentelemetry_sdk",
    "opentelemetry_otlp",
];
/// Libraries whose information is noise to an operator.
const QUIET: [&str; 4] = ["actix_server", "actix_http", "lapin", "tokio_postgres"];

/// What the broker could not route is said by whoever sent it.
const SAID_ELSEWHERE: &str = "lapin::returned_messages=off";

/// Spans and events that become traces: all of information's level and above, but for the loops.
pub(crate) fn traces() -> Targets {
    let targets = Targets::new().with_default(LevelFilter::INFO);
    LOOPS.iter().chain(&QUIET).fold(targets, |targets, target| targets.with_target(*target, LevelFilter::OFF))
}

/// Lines of the log. Libraries may warn; directives that name one win over the defaults.
pub(crate) fn logs(directives: &str) -> EnvFilter {
    let defaults = LOOPS.iter().chain(&QUIET).map(|target| format!("{target}=warn"));
    let all: Vec<_> = defaults.chain([SAID_ELSEWHERE.to_owned(), directives.to_owned()]).collect();
    EnvFilter::new(all.join(","))
}
