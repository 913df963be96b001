use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::DateTime;
use reqwest::Response;

use super::client::{http, unreachable};
use super::span::{Span, duration};
use super::summary::Summary;
use crate::style::Style;

/// Prints until interrupted; a server that goes away is waited for.
pub(super) async fn run(url: &str, spans: bool, errors_only: bool) -> Result<()> {
    let (style, stream) = (Style::for_stdout(), format!("{}/stream", url.trim_end_matches('/')));
    let mut response = connect(&stream).await.with_context(|| unreachable(url))?;
    println!("{}", style.dim(&format!("following {url}; Ctrl-C ends")));
    loop {
        tokio::select! {
            () = follow(&mut response, |name, data| print(style, name, data, spans, errors_only)) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
        println!("{}", style.dim("the traces server went away; waiting for it"));
        response = loop {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
                _ = tokio::signal::ctrl_c() => return Ok(()),
            }
            if let Ok(response) = connect(&stream).await {
                break response;
            }
        };
    }
}

async fn connect(stream: &str) -> Result<Response> {
    Ok(http()?.get(stream).send().await?.error_for_status()?)
}

/// Reads events until the stream ends or breaks.
async fn follow(response: &mut Response, mut each: impl FnMut(&str, &str)) {
    let mut buffer = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = buffer.drain(..end + 2).collect();
            let block = String::from_utf8_lossy(&block);
            let field =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim_start);
            if let (Some(name), Some(data)) = (field("event:"), field("data:")) {
                each(name, data);
            }
        }
    }
}

fn print(style: Style, name: &str, data: &str, spans: bool, errors_only: bool) {
    match name {
        "trace" if !spans => {
            if let Ok(summary) = serde_json::from_str::<Summary>(data)
                && !summary.idle
                && (!errors_only || summary.errors > 0)
            {
                println!("{}", trace_line(style, &summary));
            }
        }
        "span" if spans => {
            if let Ok(span) = serde_json::from_str::<Span>(data)
                && (!errors_only || span.error.is_some())
            {
                println!("{}", span_line(style, &span));
            }
        }
        _ => {}
    }
}

fn trace_line(style: Style, summary: &Summary) -> String {
    let mark = if summary.errors == 0 { style.good("ok ") } else { style.error("ERR") };
    let services: Vec<String> = summary.services.iter().map(|name| style.service(name)).collect();
    format!(
        "{}  {mark} {:>8}  {}  {} spans  {}  {}",
        style.dim(&time_of_day(summary.start)),
        duration(summary.nanos),
        style.bold(&format!("{:<44}", summary.root)),
        summary.spans,
        services.join(" → "),
        style.dim(&summary.trace_id),
    )
}

fn span_line(style: Style, span: &Span) -> String {
    let error = span.error.as_ref().map(|why| style.error(&format!("  ERR {why}"))).unwrap_or_default();
    format!(
        "{}  {:>8}  {}  {}{error}  {}",
        style.dim(&time_of_day(span.start)),
        duration(span.nanos()),
        style.service(&format!("{:<9}", span.service)),
        span.name,
        style.dim(&span.trace_id),
    )
}

fn time_of_day(nanos: u64) -> String {
    let time = i64::try_from(nanos).map(DateTime::from_timestamp_nanos).unwrap_or_default();
    time.format("%H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_one_line_with_what_matters() {
        let summary = Summary {
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            root: "POST /api/v1/agents/run".to_owned(),
            start: 1_700_000_000_123_000_000,
            nanos: 1_240_000_000,
            services: vec!["council".to_owned(), "webhooks".to_owned()],
            spans: 23,
            errors: 1,
            idle: false,
        };
        assert_eq!(
            trace_line(Style::plain(), &summary),
            "22:13:20.123  ERR   1.24 s  POST /api/v1/agents/run                       23 spans  council → webhooks  \
             4bf92f3577b34da6a3ce929d0e0e4736"
        );
    }
}
