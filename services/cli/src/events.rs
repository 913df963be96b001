//! Events as they pass.

use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use witan_events::{Envelope, Tail};

use crate::broker::{Broker, UNREACHABLE};
use crate::style::Style;

const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// Print every event as it passes. Nobody else gets fewer.
    Tail(TailArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    broker: Broker,
    /// Only these types: `*` stands for one segment, `#` for any number. May be given several times.
    #[arg(long = "type", value_name = "PATTERN", default_value = "#")]
    types: Vec<String>,
    /// Only those of this workspace.
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Only those about this.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// One JSON object a line, whole.
    #[arg(long)]
    json: bool,
    /// End after so many.
    #[arg(long, value_name = "N")]
    count: Option<usize>,
}

pub(crate) async fn run(command: EventsCommand) -> Result<()> {
    let EventsCommand::Tail(args) = command;
    tokio::select! {
        ended = tail(&args) => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Until so many were printed; a broker that goes away is waited for.
async fn tail(args: &TailArgs) -> Result<()> {
    let (config, style) = (args.broker.config()?, Style::for_stdout());
    let patterns: Vec<&str> = args.types.iter().map(String::as_str).collect();
    let mut left = args.count.unwrap_or(usize::MAX);
    let mut tail = Tail::connect(&config, &patterns).await.context(UNREACHABLE)?;
    // What is said to people goes where it is in nobody's way.
    eprintln!("following events; Ctrl-C ends");
    loop {
        while let Ok(Some(event)) = tail.next().await {
            match event {
                Ok(event) if args.wants(&event) => {
                    println!(
                        "{}",
                        if args.json { serde_json::to_string(&event)? } else { line(style, &event) }
                    );
                    left -= 1;
                }
                Ok(_) => {}
                Err(error) => eprintln!("a message is no event: {error}"),
            }
            if left == 0 {
                return Ok(());
            }
        }
        eprintln!("the broker went away; waiting for it");
        tail = loop {
            tokio::time::sleep(PAUSE).await;
            if let Ok(tail) = Tail::connect(&config, &patterns).await {
                break tail;
            }
        };
        eprintln!("following again; what passed in between is not shown");
    }
}

impl TailArgs {
    fn wants(&self, event: &Envelope) -> bool {
        let workspace = event.workspace_id.map(|id| id.to_string());
        (self.workspace.is_none() || self.workspace == workspace)
            && self.subject.as_ref().is_none_or(|subject| *subject == event.subject)
    }
}

fn line(style: Style, event: &Envelope) -> String {
    let workspace = event.workspace_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    format!(
        "{}  {}  {}  {}#{}  {}  {}  {}",
        style.dim(&event.time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)),
        style.service(&event.source),
        style.bold(&event.event_type),
        event.subject,
        event.sequence,
        style.dim(&workspace),
        style.dim(&event.id.to_string()),
        event.data,
    )
}
