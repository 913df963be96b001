use anyhow::Result;

use super::client::fetch;
use super::span::{Kind, Span, duration};
use super::summary::Summary;
use super::tree::{Line, lines};
use crate::style::Style;

const BAR: usize = 24;

pub(super) async fn run(url: &str, id: &str, attributes: bool, json: bool) -> Result<()> {
    let spans = fetch(url, id).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&spans)?);
    } else {
        print!("{}", render(Style::for_stdout(), &spans, attributes));
    }
    Ok(())
}

fn render(style: Style, spans: &[Span], attributes: bool) -> String {
    let Some(summary) = Summary::of(spans) else { return "the trace has no spans\n".to_owned() };
    let lines = lines(spans);
    let service_width = spans.iter().map(|s| s.service.chars().count()).max().unwrap_or_default();
    let name_width = lines.iter().map(|l| label(l).chars().count()).max().unwrap_or_default();
    let errors = match summary.errors {
        0 => style.good("no errors"),
        n => style.error(&format!("{n} with errors")),
    };
    let mut text = format!(
        "trace {}  {}  {} spans in {} services, {errors}\n\n",
        style.bold(&summary.trace_id),
        duration(summary.nanos),
        summary.spans,
        summary.services.len(),
    );
    for line in &lines {
        let span = line.span;
        let padding = " ".repeat(name_width - label(line).chars().count());
        let name = format!("{}{}", style.dim(&line.branch), painted(style, span));
        let since = span.start.saturating_sub(summary.start);
        text.push_str(&format!(
            "{:>9}  {}  {name}{padding}  {:>8}  {}{}\n",
            format!("+{}", duration(since)),
            style.service(&format!("{:<service_width$}", span.service)),
            duration(span.nanos()),
            style.dim(&bar(since, span.nanos(), summary.nanos)),
            span.error.as_ref().map(|why| style.error(&format!("  ERR {why}"))).unwrap_or_default(),
        ));
        for (name, value) in span.attributes.iter().filter(|_| attributes) {
            text.push_str(&style.dim(&format!("{:>w$}{name} = {value}\n", "", w = service_width + 17)));
        }
    }
    text
}

fn label(line: &Line<'_>) -> String {
    format!("{}{}{}", line.branch, sign(line.span.kind), line.span.name)
}

fn painted(style: Style, span: &Span) -> String {
    let name = format!("{}{}", sign(span.kind), span.name);
    if span.error.is_some() { style.error(&name) } else { name }
}

/// Which way the work went: called, calls, publishes, consumes.
fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Server => "▶ ",
        Kind::Client => "→ ",
        Kind::Producer => "↗ ",
        Kind::Consumer => "↘ ",
        Kind::Internal => "",
    }
}

/// When in the trace the span ran, as part of a fixed width.
fn bar(since: u64, nanos: u64, total: u64) -> String {
    let place = |n: u64| {
        usize::try_from(u128::from(n) * BAR as u128 / u128::from(total.max(1))).unwrap_or(BAR).min(BAR)
    };
    let begin = place(since).min(BAR - 1);
    let length = (place(since.saturating_add(nanos)).saturating_sub(begin)).max(1);
    format!("{}{}{}", "·".repeat(begin), "█".repeat(length), "·".repeat(BAR - begin - length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_who_did_what_when_for_how_long() {
        let span = |id: &str, parent: &str, service: &str, name: &str, kind, times: (u64, u64)| Span {
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            span_id: id.to_owned(),
            parent_id: parent.to_owned(),
            service: service.to_owned(),
            name: name.to_owned(),
            kind,
            start: times.0 * 1_000_000,
            end: times.1 * 1_000_000,
            ..Span::default()
        };
        let mut failed = span("3", "2", "webhooks", "POST partner.example", Kind::Client, (80, 100));
        failed.error = Some("timeout".to_owned());
        let spans = [
            span("1", "", "council", "POST /api/v1/agents/run", Kind::Server, (0, 60)),
            span("2", "1", "webhooks", "process webhooks.fanout", Kind::Consumer, (65, 100)),
            failed,
        ];
        let drawn = render(Style::plain(), &spans, false);
        let expected = "\
trace 4bf92f3577b34da6a3ce929d0e0e4736  100 ms  3 spans in 2 services, 1 with errors

    +0 µs  council   ▶ POST /api/v1/agents/run        60 ms  ██████████████··········
   +65 ms  webhooks  └─ ↘ process webhooks.fanout     35 ms  ···············█████████
   +80 ms  webhooks     └─ → POST partner.example     20 ms  ···················█████  ERR timeout
";
        assert_eq!(drawn, expected);
    }
}
