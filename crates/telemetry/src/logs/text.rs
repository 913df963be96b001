//! A line for people: time, level, target, message and fields, and the trace at the end.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::place::{Place, now};

pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let (dim, level, reset) = if writer.has_ansi_escapes() {
            ("\x1b[2m", colour(*metadata.level()), "\x1b[0m")
        } else {
            ("", "", "")
        };
        write!(writer, "{dim}{}{reset} {level}{:>5}{reset} ", now(), metadata.level().as_str())?;
        write!(writer, "{dim}{}{reset} ", metadata.target())?;
        ctx.field_format().format_fields(writer.by_ref(), event)?;
        if let Some(place) = Place::current() {
            write!(writer, " {dim}trace_id={} span_id={}{reset}", place.trace_id, place.span_id)?;
        }
        writeln!(writer)
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[34m",
    }
}
