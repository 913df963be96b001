#![doc = include_str!("../README.md")]

mod config;
mod export;
mod filter;
mod logs;
pub mod metrics;
pub mod propagation;

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

pub use crate::config::{LogFormat, TelemetryConfig};
pub use crate::propagation::{TraceContext, current_trace_id};

/// How long the last export may take.
const FLUSH_DEADLINE: Duration = Duration::from_secs(5);

/// The handle that flushes at exit.
#[must_use = "spans that were not exported yet are lost without a shutdown"]
pub struct Telemetry {
    tracer: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sets up logs, traces and metrics of this process under the name of `service`.
    ///
    /// Only the first call of a process has an effect: services that share a process share its telemetry.
    pub fn init(service: &str, config: &TelemetryConfig) -> Self {
        static FIRST: OnceLock<()> = OnceLock::new();
        if FIRST.set(()).is_err() {
            return Self { tracer: None };
        }
        metrics::install(service);
        let (tracer, problem) = export::tracer_provider(service, config);
        let traces = tracing_opentelemetry::layer()
            .with_tracer(tracer.tracer("witan"))
            .with_location(false)
            .with_threads(false)
            .with_filter(filter::traces());
        let ansi = std::io::stdout().is_terminal();
        let logs = logs::layer::<Registry>(config.format, service, BoxMakeWriter::new(std::io::stdout), ansi)
            .with_filter(filter::logs(&config.log));
        // Somebody may have set a subscriber of their own, such as a test.
        let installed = Registry::default().with(logs).with(traces).try_init();
        if let Err(error) = installed {
            tracing::debug!(%error, "a subscriber was set before");
        }
        if let Some(problem) = problem {
            tracing::error!(%problem, "traces are not exported");
        }
        Self { tracer: Some(tracer) }
    }

    /// Exports what is left and stops exporting. Waits for five seconds at most.
    ///
    /// It blocks; call it after the runtime ended, or from a thread that may wait.
    pub fn shutdown(self) {
        self.shutdown_within(FLUSH_DEADLINE);
    }

    /// The same with a deadline of the caller's.
    pub fn shutdown_within(self, deadline: Duration) {
        let Some(tracer) = self.tracer else { return };
        // The exporter's client blocks and panics on a runtime's thread, which the caller's may be.
        let flush = std::thread::spawn(move || tracer.shutdown_with_timeout(deadline));
        match flush.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans were not exported"),
            Err(_) => tracing::warn!("the exporter panicked"),
        }
    }
}

#[cfg(test)]
mod tests;
