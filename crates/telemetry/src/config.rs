use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use witan_config::Reader;

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// Coloured text, for people.
    Text,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("must be `json` or `text`"),
        }
    }
}

/// What is logged and where traces go.
#[derive(Debug, Clone)]
pub struct TelemetryConfig {
    /// Directives of the log's filter.
    pub log: String,
    /// How the log looks.
    pub format: LogFormat,
    /// The base address of an OTLP/HTTP collector.
    pub otlp_endpoint: Option<String>,
    /// The share of traces begun here that is recorded, from 0 to 1.
    pub sample: f64,
}

impl TelemetryConfig {
    /// Reads the variables of the README's table.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let log = r.or("WITAN_LOG", "info".to_owned()).and_then(|log| match log.parse::<EnvFilter>() {
            Ok(_) => Some(log),
            Err(error) => r.mistake("WITAN_LOG", format!("is no filter: {error}")),
        });
        let default = if r.environment().is_production() { LogFormat::Json } else { LogFormat::Text };
        let format = r.or("WITAN_LOG_FORMAT", default);
        let endpoint = endpoint(r);
        let sample = share(r);
        Some(Self { log: log?, format: format?, otlp_endpoint: endpoint?, sample: sample? })
    }
}

impl Default for TelemetryConfig {
    /// For tests: warnings as text, nothing exported.
    fn default() -> Self {
        Self { log: "warn".to_owned(), format: LogFormat::Text, otlp_endpoint: None, sample: 1.0 }
    }
}

fn endpoint(r: &mut Reader<'_>) -> Option<Option<String>> {
    const NAME: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let Some(endpoint) = r.optional::<String>(NAME)? else {
        return Some(None);
    };
    if endpoint.starts_with("http://") || endpoint.starts_with("https://") {
        Some(Some(endpoint.trim_end_matches('/').to_owned()))
    } else {
        r.mistake(NAME, "must be an address that begins with http:// or https://")
    }
}

fn share(r: &mut Reader<'_>) -> Option<f64> {
    const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
    let share = r.or(NAME, 1.0)?;
    if (0.0..=1.0).contains(&share) { Some(share) } else { r.mistake(NAME, "must be between 0 and 1") }
}
