//! How a line of the log looks.

mod json;
mod place;
mod text;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::registry::LookupSpan;

use crate::LogFormat;

/// The layer that writes lines to `writer`, with colours where a person looks at it.
pub(crate) fn layer<S>(
    format: LogFormat,
    service: &str,
    writer: BoxMakeWriter,
    ansi: bool,
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    match format {
        LogFormat::Json => fmt::layer()
            .with_writer(writer)
            .fmt_fields(fmt::format::JsonFields::new())
            .event_format(json::Json::new(service))
            .boxed(),
        LogFormat::Text => fmt::layer().with_writer(writer).with_ansi(ansi).event_format(text::Text).boxed(),
    }
}
